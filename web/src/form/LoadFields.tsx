/** The fields for the number of users, the spawn rate and the host. */
import type { LiveArgs } from '../api/page';
import { type FormErrors, type SwarmValues, shapeRules } from '../model/swarm';
import { Field } from './Field';

interface LoadFieldsProps {
  args: LiveArgs;
  values: SwarmValues;
  errors: FormErrors;
  change: (part: Partial<SwarmValues>) => void;
  isEdit: boolean;
}

export function LoadFields({ args, values, errors, change, isEdit }: LoadFieldsProps) {
  return (
    <>
      {shapeRules(args, values.shape) ? (
        <p className="note" data-testid="shape-note">
          A load shape decides how many users run and how fast they start.
        </p>
      ) : (
        <div className="fields">
          <Field
            label="Users"
            hint={isEdit ? 'Where the load goes from here.' : 'At the peak.'}
            error={errors.userCount}
          >
            {ids => (
              <input
                {...ids}
                name="user_count"
                type="text"
                inputMode="numeric"
                autoComplete="off"
                value={values.userCount}
                onChange={event => change({ userCount: event.target.value })}
              />
            )}
          </Field>
          <Field label="Spawn rate" hint="Users started per second." error={errors.spawnRate}>
            {ids => (
              <input
                {...ids}
                name="spawn_rate"
                type="text"
                inputMode="decimal"
                autoComplete="off"
                value={values.spawnRate}
                onChange={event => change({ spawnRate: event.target.value })}
              />
            )}
          </Field>
        </div>
      )}
      {(args.scenario_classes?.length ?? 0) > 0 && (
        <p className="note" data-testid="scenario-note">
          {args.scenario_classes?.join(', ')}: their users over time are those of the locustfile. Users and
          spawn rate are for the other classes.
        </p>
      )}
      <Field
        label="Host"
        hint={hostHint(args)}
        error={errors.host}
        isRequired={args.is_host_required ?? false}
      >
        {ids => (
          <input
            {...ids}
            name="host"
            type="text"
            inputMode="url"
            spellCheck={false}
            placeholder="https://…"
            value={values.host}
            onChange={event => change({ host: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function hostHint(args: LiveArgs): string {
  if (args.override_host_warning) {
    return 'Some user classes have hosts of their own. A host entered here replaces all of them.';
  }
  if (args.missing_host_warning) return 'Some user classes have no host of their own: enter one here.';
  return 'The base URL of the system under test.';
}
