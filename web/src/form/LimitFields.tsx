/** The fields that say when a test ends: its run time and its iterations. */
import type { LiveArgs } from '../api/page';
import { type FormErrors, RUN_TIME_HINT, type SwarmValues } from '../model/swarm';
import { Field } from './Field';

interface LimitFieldsProps {
  args: LiveArgs;
  values: SwarmValues;
  errors: FormErrors;
  change: (part: Partial<SwarmValues>) => void;
}

export function LimitFields({ args, values, errors, change }: LimitFieldsProps) {
  return (
    <>
      <Field label="Run time" hint={RUN_TIME_HINT} error={errors.runTime}>
        {ids => (
          <input
            {...ids}
            name="run_time"
            type="text"
            autoComplete="off"
            value={values.runTime}
            onChange={event => change({ runTime: event.target.value })}
          />
        )}
      </Field>
      {/* An argument of the locustfile with this name takes its place. */}
      {!args.extra_options?.iterations && (
        <Field
          label="Iterations"
          hint="Tasks to run, over all users. Empty: no limit."
          error={errors.iterations}
        >
          {ids => (
            <input
              {...ids}
              name="iterations"
              type="text"
              inputMode="numeric"
              autoComplete="off"
              value={values.iterations}
              onChange={event => change({ iterations: event.target.value })}
            />
          )}
        </Field>
      )}
      <label className="check">
        <input
          type="checkbox"
          name="run_time_from_ramp_end"
          checked={values.runTimeFromRampEnd}
          onChange={event => change({ runTimeFromRampEnd: event.target.checked })}
        />
        Count the run time from the end of the ramp
      </label>
    </>
  );
}
