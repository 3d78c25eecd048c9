import './kit/strict-page';
import './kit/foundation.css';
import './kit/tables.css';
import './kit/states.css';
import './kit/forms.css';
import './shell/frame.css';
import './session/sign-in.css';
import './shell/narrow.css';
import './kit/print.css';
import { createRoot } from 'react-dom/client';
import { App } from './app';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');
createRoot(root).render(<App />);
