import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readAuthArgs } from '../api/page';
import { AuthPage } from '../pages/auth/AuthPage';
import '../styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root element');
createRoot(root).render(
  <StrictMode>
    <AuthPage args={readAuthArgs()} />
  </StrictMode>,
);
