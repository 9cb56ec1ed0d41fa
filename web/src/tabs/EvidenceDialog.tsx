/** Requests and responses that were kept, fetched when somebody asks for them. */
import type { ReactNode } from 'react';
import type { Client } from '../api/client';
import type { EvidenceAnswer } from '../api/types';
import { Dialog } from '../components/Dialog';
import { useRoute } from '../live/source';
import { EvidenceList } from '../tables/EvidenceList';
import { NotLoaded } from './RouteTabs';

interface EvidenceDialogProps {
  client: Client;
  title: string;
  /** Which of them: `method` and `name`, and `error` for those of a failure. */
  of: Record<string, string>;
  onClose: () => void;
  children?: ReactNode;
}

export function EvidenceDialog({ client, title, of, onClose, children }: EvidenceDialogProps) {
  const polled = useRoute<EvidenceAnswer>(client, `/stats/evidence?${new URLSearchParams(of)}`);
  return (
    <Dialog title={title} onClose={onClose} testId="dialog-evidence">
      {children}
      {polled.value ? <EvidenceList pieces={polled.value.evidence} /> : <NotLoaded polled={polled} />}
    </Dialog>
  );
}
