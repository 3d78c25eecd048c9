import type { Role } from '#contracts/roles';
import { NavLink } from 'react-router';
import { menuOf } from './menu';

export function SideMenu({ role, marking }: { role: Role; marking: string }) {
  return (
    <div className="side">
      <nav aria-label="主菜单">
        <ul>
          {menuOf(role).map(({ path, label }) => (
            <li key={path}>
              <NavLink to={path} end={path === '/'}>
                {label}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <footer className="marking">{marking}</footer>
    </div>
  );
}
