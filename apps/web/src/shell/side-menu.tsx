import type { Role } from '#contracts/roles';
import { NavLink, useLocation } from 'react-router';
import { isWithin, menuOf } from './menu';

export function SideMenu({ role, marking }: { role: Role; marking: string }) {
  const { pathname } = useLocation();
  return (
    <div className="side">
      <nav aria-label="主菜单">
        <ul>
          {menuOf(role).map(({ path, label }) => (
            <li key={path}>
              <NavLink to={path} end={path === '/'} className={() => (isWithin(path, pathname) ? 'active' : '')}>
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
