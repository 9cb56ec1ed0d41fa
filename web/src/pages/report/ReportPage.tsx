/** The report of a run: one page, from the data embedded in it. */
import type { ReportArgs } from '../../api/page';
import { BrandMark, ThemeButton } from '../../components/Brand';
import { Icon } from '../../components/Icon';
import { ThemeContext, useThemeChoice } from '../../components/theme';
import { ReportBody } from './ReportBody';

export function ReportPage({ args }: { args: ReportArgs }) {
  const { theme, toggle } = useThemeChoice();
  return (
    <ThemeContext value={theme}>
      <div className="report">
        <header className="report-head">
          <h1 className="brand">
            <BrandMark />
            Load test report
          </h1>
          <div className="actions no-print">
            {args.show_download_link && (
              <a
                className="button"
                href={`?download=1&theme=${theme}`}
                download
                data-testid="download-report"
              >
                <Icon name="download" />
                Download
              </a>
            )}
            <button type="button" onClick={() => window.print()} data-testid="print">
              <Icon name="print" />
              Print
            </button>
            <ThemeButton onToggle={toggle} />
          </div>
        </header>
        <ReportBody args={args} />
      </div>
    </ThemeContext>
  );
}
