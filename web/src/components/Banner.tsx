/** A message across the page that is shown as long as its cause lasts. */
import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

interface BannerProps {
  tone: 'bad' | 'warn' | 'info';
  icon?: IconName;
  title: string;
  children?: ReactNode;
  testId: string;
}

export function Banner({ tone, icon = 'warning', title, children, testId }: BannerProps) {
  return (
    <div className="banner" data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'} data-testid={testId}>
      <Icon name={icon} />
      <div>
        <strong>{title}</strong>
        {children && <div className="banner-text">{children}</div>}
      </div>
    </div>
  );
}
