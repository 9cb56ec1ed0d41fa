/** The fields of users that arrive: how many per second, and how many may run at once. */
import type { LiveArgs } from '../api/page';
import type { FormErrors, SwarmValues } from '../model/swarm';
import { Field } from './Field';

interface ArrivalFieldsProps {
  args: LiveArgs;
  values: SwarmValues;
  errors: FormErrors;
  change: (part: Partial<SwarmValues>) => void;
}

export function ArrivalFields({ args, values, errors, change }: ArrivalFieldsProps) {
  // Arguments of the locustfile with these names take their place.
  const options = args.extra_options ?? {};
  if (!args.has_arrivals || options.arrival_rate || options.max_users) return null;
  return (
    <div className="fields">
      <Field
        label="Arrivals per second"
        hint="Of users that run their tasks once. Empty: as the classes say."
        error={errors.arrivalRate}
      >
        {ids => (
          <input
            {...ids}
            name="arrival_rate"
            type="text"
            inputMode="decimal"
            autoComplete="off"
            value={values.arrivalRate}
            onChange={event => change({ arrivalRate: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Most of them at once"
        hint="Of each class; others are dropped. Empty: as the classes say."
        error={errors.maxUsers}
      >
        {ids => (
          <input
            {...ids}
            name="max_users"
            type="text"
            inputMode="numeric"
            autoComplete="off"
            value={values.maxUsers}
            onChange={event => change({ maxUsers: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
