/** The buttons that change the run; they depend on its state. */
import { useState } from 'react';
import { Dialog } from '../../components/Dialog';
import { Icon } from '../../components/Icon';
import { isActive } from '../../model/snapshot';

interface ActionsProps {
  state: string;
  isFormOpen: boolean;
  hasResults: boolean;
  /** Whether a shape controls the test, so that there is nothing to edit. */
  isShaped: boolean;
  onEdit: () => void;
  onNew: () => void;
  onResults: () => void;
  isPaused: boolean;
  onPause: () => Promise<void>;
  onResume: () => Promise<void>;
  onStop: () => Promise<void>;
  onReset: () => Promise<void>;
}

export function Actions(props: ActionsProps) {
  const { state, isFormOpen, hasResults, isShaped, onEdit, onNew, onResults, onStop, onReset } = props;
  const [isResetting, setIsResetting] = useState(false);
  if (isActive(state)) {
    return (
      <>
        {!isShaped && (
          <button type="button" onClick={onEdit} disabled={state === 'stopping'} data-testid="edit">
            <Icon name="edit" />
            Edit
          </button>
        )}
        <PauseButton {...props} />
        <button type="button" onClick={() => setIsResetting(true)} data-testid="reset">
          <Icon name="reset" />
          Reset
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => void onStop()}
          disabled={state === 'stopping' || state === 'cleanup'}
          data-testid="stop"
        >
          <Icon name="stop" />
          {state === 'stopping' ? 'Stopping…' : 'Stop'}
        </button>
        {isResetting && <ResetDialog onReset={onReset} onClose={() => setIsResetting(false)} />}
      </>
    );
  }
  if (!hasResults) return null;
  return (
    <>
      <button type="button" onClick={() => setIsResetting(true)} data-testid="reset">
        <Icon name="reset" />
        Reset
      </button>
      {isFormOpen ? (
        <button type="button" onClick={onResults} data-testid="results">
          <Icon name="chart" />
          Last results
        </button>
      ) : (
        <button type="button" className="primary" onClick={onNew} data-testid="new-test">
          <Icon name="plus" />
          New test
        </button>
      )}
      {isResetting && <ResetDialog onReset={onReset} onClose={() => setIsResetting(false)} />}
    </>
  );
}

function PauseButton({ state, isPaused, onPause, onResume }: ActionsProps) {
  const isEnding = state === 'stopping' || state === 'cleanup';
  return (
    <button
      type="button"
      onClick={() => void (isPaused ? onResume() : onPause())}
      disabled={isEnding}
      title={isPaused ? undefined : 'Lets no further iteration begin; those that have begun go on.'}
      data-testid={isPaused ? 'resume' : 'pause'}
    >
      <Icon name={isPaused ? 'play' : 'pause'} />
      {isPaused ? 'Resume' : 'Pause'}
    </button>
  );
}

function ResetDialog({ onReset, onClose }: { onReset: () => Promise<void>; onClose: () => void }) {
  return (
    <Dialog title="Reset the statistics?" onClose={onClose} testId="dialog-reset">
      <p>
        All figures collected so far are thrown away, for everyone who looks at this test. Users go on
        running.
      </p>
      <div className="form-actions">
        <button type="button" onClick={onClose}>
          Keep them
        </button>
        <button
          type="button"
          className="danger"
          data-testid="confirm-reset"
          onClick={() => void onReset().then(onClose)}
        >
          <Icon name="reset" />
          Reset
        </button>
      </div>
    </Dialog>
  );
}
