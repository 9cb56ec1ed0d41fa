import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readLiveArgs } from '../api/page';
import '../styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root element');
const args = readLiveArgs();
createRoot(root).render(
  <StrictMode>
    <main>
      <h1>Locust</h1>
      <pre>{JSON.stringify(args, null, 2)}</pre>
    </main>
  </StrictMode>,
);
