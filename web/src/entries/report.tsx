import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readReportArgs } from '../api/page';
import { ReportPage } from '../pages/report/ReportPage';
import '../styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root element');
createRoot(root).render(
  <StrictMode>
    <ReportPage args={readReportArgs()} />
  </StrictMode>,
);
