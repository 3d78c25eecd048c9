import { Link } from 'react-router';
import { useTodo } from './todo';

export function TodoLink() {
  const { count, path } = useTodo();
  if (count === 0) return null;
  return (
    <Link className="todo" to={path}>
      待办 <b>{count}</b>
    </Link>
  );
}
