import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readLiveArgs } from '../api/page';
import { LivePage } from '../pages/live/LivePage';
import '../styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root element');
createRoot(root).render(
  <StrictMode>
    <LivePage args={readLiveArgs()} />
  </StrictMode>,
);
