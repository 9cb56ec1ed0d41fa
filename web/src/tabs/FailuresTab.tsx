/** Failures; a row opens its evidence. */
import { useState } from 'react';
import type { Client } from '../api/client';
import type { ErrorRow } from '../api/types';
import { FailuresTable } from '../tables/FailuresTable';
import { EvidenceDialog } from './EvidenceDialog';

export function FailuresTab({ client, errors }: { client: Client; errors: readonly ErrorRow[] }) {
  const [opened, setOpened] = useState<ErrorRow | null>(null);
  return (
    <>
      <FailuresTable errors={errors} onOpen={setOpened} />
      {opened && (
        <EvidenceDialog
          client={client}
          title={`Evidence: ${opened.method ?? ''} ${opened.name}`}
          of={{ method: opened.method ?? '', name: opened.name, error: opened.error }}
          onClose={() => setOpened(null)}
        >
          <p className="evidence-error">
            <code>{opened.error}</code>
          </p>
        </EvidenceDialog>
      )}
    </>
  );
}
