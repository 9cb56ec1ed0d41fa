import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readRunsArgs } from '../api/page';
import { RunsPage } from '../pages/runs/RunsPage';
import '../styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root element');
createRoot(root).render(
  <StrictMode>
    <RunsPage version={readRunsArgs().version} />
  </StrictMode>,
);
