/** One kept run, drawn like a report, and the form that labels or deletes it. */
import { useState } from 'react';
import type { Client } from '../../api/client';
import type { OpenedRun } from '../../api/runs';
import { Banner } from '../../components/Banner';
import { Dialog } from '../../components/Dialog';
import { useAnswer } from '../../live/answer';
import { formatDateTime } from '../../model/format';
import { runTitle } from '../../model/runs';
import { ReportBody } from '../report/ReportBody';
import { NotShown } from './NotShown';

export function RunView({ client, run }: { client: Client; run: string }) {
  const { value, error, reload } = useAnswer<OpenedRun>(client, `/runs/run?${new URLSearchParams({ run })}`);
  if (!value) {
    return (
      <main>
        <NotShown error={error} client={client} />
      </main>
    );
  }
  return (
    <div className="report opened-run">
      <RunHead client={client} opened={value} onChanged={reload} />
      <ReportBody args={value} />
    </div>
  );
}

interface RunHeadProps {
  client: Client;
  opened: OpenedRun;
  onChanged: () => void;
}

function RunHead({ client, opened: { run }, onChanged }: RunHeadProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isDeleting, setIsDeleting] = useState(false);
  const send = async (path: string, form: Record<string, string>, after: () => void) => {
    try {
      await client.postForm(path, new URLSearchParams({ run: String(run.number), ...form }));
      setProblem(null);
      after();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const sources = Object.entries(run.sources).filter(([, value]) => value);
  return (
    <section className="run-head" aria-labelledby="run-title">
      <div className="run-name">
        <h2 id="run-title">
          {runTitle(run)}{' '}
          <span className="verdict" data-verdict={run.verdict}>
            {run.verdict}
          </span>
        </h2>
        <p className="count">
          {[formatDateTime(run.started_s), ...sources.map(([, value]) => value)].join(' · ')}
        </p>
      </div>
      <LabelForm
        key={`${run.tag}|${run.note}`}
        tag={run.tag}
        note={run.note}
        onSave={labels => void send('/runs/label', labels, onChanged)}
        onDelete={() => setIsDeleting(true)}
      />
      {problem && (
        <Banner tone="bad" title="That did not work." testId="banner-action">
          {problem}
        </Banner>
      )}
      {isDeleting && (
        <Dialog
          title={`Delete ${runTitle(run)}?`}
          onClose={() => setIsDeleting(false)}
          testId="dialog-delete"
        >
          <p>
            All that is known of it is thrown away. Export it before, with locust-rs runs export, to keep a
            copy.
          </p>
          <div className="form-actions">
            <button type="button" onClick={() => setIsDeleting(false)}>
              Keep it
            </button>
            <button
              type="button"
              className="danger"
              data-testid="confirm-delete"
              onClick={() => {
                setIsDeleting(false);
                void send('/runs/delete', {}, () => {
                  window.location.hash = '#list';
                });
              }}
            >
              Delete
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

interface LabelFormProps {
  tag: string;
  note: string;
  onSave: (labels: { tag: string; note: string }) => void;
  onDelete: () => void;
}

function LabelForm({ tag, note, onSave, onDelete }: LabelFormProps) {
  const [labels, setLabels] = useState({ tag, note });
  const isChanged = labels.tag !== tag || labels.note !== note;
  return (
    <form
      className="run-labels no-print"
      onSubmit={event => {
        event.preventDefault();
        onSave(labels);
      }}
    >
      <label>
        Tag
        <input
          name="tag"
          value={labels.tag}
          title="Names this run; another that had the tag loses it"
          onChange={event => setLabels({ ...labels, tag: event.target.value })}
        />
      </label>
      <label className="run-note">
        Note
        <input
          name="note"
          value={labels.note}
          onChange={event => setLabels({ ...labels, note: event.target.value })}
        />
      </label>
      <button type="submit" disabled={!isChanged} data-testid="save-labels">
        Save
      </button>
      <button type="button" onClick={onDelete} data-testid="delete-run">
        Delete
      </button>
    </form>
  );
}
