/** Warns that the figures on screen are old, and says since when and what to do. */
import { useEffect, useState } from 'react';
import { LoggedOut, Refused } from '../../api/client';
import { Banner } from '../../components/Banner';
import type { Polled } from '../../live/poller';
import { formatDuration, formatMoment } from '../../model/format';

function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}

interface ConnectionBannerProps {
  polled: Polled<unknown>;
  loginUrl: string;
}

export function ConnectionBanner({ polled: { error, answeredAt }, loginUrl }: ConnectionBannerProps) {
  const now = useNow(error !== null);
  if (!error) return null;
  if (error instanceof LoggedOut) {
    return (
      <Banner tone="bad" title="You have been logged out." testId="banner-logged-out">
        <a href={loginUrl}>Log in again</a> to go on watching. The test goes on by itself.
      </Banner>
    );
  }
  const age = answeredAt
    ? `The figures below are from ${formatMoment(answeredAt)}, ${formatDuration((now - answeredAt) / 1000)} ago.`
    : 'Nothing has been loaded yet.';
  if (error instanceof Refused) {
    return (
      <Banner tone="bad" title="The server answers with an error." testId="banner-server-error">
        {error.message} {age}
      </Banner>
    );
  }
  return (
    <Banner tone="bad" icon="offline" title="The server can't be reached." testId="banner-unreachable">
      {age} Is Locust still running, and the network up? This page goes on trying.
    </Banner>
  );
}
