/** The form that starts a test and edits the running one. It draws and validates; its owner sends the values. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { LiveArgs } from '../api/page';
import { Icon } from '../components/Icon';
import { DEFAULT_SHAPE, type FormErrors, type SwarmValues, shapeRules, validate } from '../model/swarm';
import { ArrivalFields } from './ArrivalFields';
import { ClassPicker } from './ClassPicker';
import { CustomArguments } from './CustomArguments';
import { Field } from './Field';
import { LimitFields } from './LimitFields';
import { LoadFields } from './LoadFields';

interface SwarmFormProps {
  args: LiveArgs;
  values: SwarmValues;
  onChange: (values: SwarmValues) => void;
  /** Rejects with the server's message. */
  onSubmit: () => Promise<void>;
  isEdit: boolean;
}

export function SwarmForm({ args, values, onChange, onSubmit, isEdit }: SwarmFormProps) {
  const [errors, setErrors] = useState<FormErrors>({});
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isSending, setIsSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // After an attempt with invalid values the first invalid field gets the focus.
  useEffect(() => {
    if (Object.keys(errors).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  const change = (part: Partial<SwarmValues>) => onChange({ ...values, ...part });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found = validate(values, args, isEdit);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setIsSending(true);
    setRefusal(null);
    try {
      await onSubmit();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
    setIsSending(false);
  };

  const options = args.extra_options ?? {};
  const hasOptions = Object.keys(options).length > 0;
  const hasPicker = Boolean(args.show_userclass_picker) && !isEdit;
  return (
    <form ref={form} className="swarm-form" noValidate onSubmit={submit} data-testid="swarm-form">
      <div className={hasPicker || hasOptions ? 'form-columns' : undefined}>
        <div className="form-column">
          <LoadFields args={args} values={values} errors={errors} change={change} isEdit={isEdit} />
          <ArrivalFields args={args} values={values} errors={errors} change={change} />
          {!isEdit && (
            <div className="fields">
              <LimitFields args={args} values={values} errors={errors} change={change} />
              <Field
                label="Thresholds"
                hint="One in a line, such as p95(GET /cart) < 300ms or failures < 1%; optional."
              >
                {ids => (
                  <textarea
                    {...ids}
                    name="thresholds"
                    rows={2}
                    spellCheck={false}
                    value={values.thresholds}
                    onChange={event => change({ thresholds: event.target.value })}
                  />
                )}
              </Field>
              <ProfileField args={args} value={values.profile} onChange={profile => change({ profile })} />
            </div>
          )}
          {hasPicker && (args.available_shape_classes?.length ?? 0) > 1 && (
            <Field label="Shape" hint="A load shape decides how many users run, and when.">
              {ids => (
                <select
                  {...ids}
                  name="shape_class"
                  value={values.shape}
                  onChange={event => change({ shape: event.target.value })}
                >
                  {args.available_shape_classes?.map(name => (
                    <option key={name} value={name}>
                      {name === DEFAULT_SHAPE ? 'None: users and spawn rate above' : name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
        </div>
        {(hasPicker || hasOptions) && (
          <div className="form-column">
            {hasPicker && (
              <ClassPicker
                args={args}
                chosen={values.classes}
                changes={values.classChanges}
                error={errors.classes}
                onChoose={classes => change({ classes })}
                onChange={(name, changes) =>
                  change({ classChanges: { ...values.classChanges, [name]: changes } })
                }
              />
            )}
            {hasOptions && (
              <fieldset className="group">
                <legend>Custom arguments</legend>
                {errors.options && (
                  <p className="field-error" role="alert">
                    {errors.options}
                  </p>
                )}
                <CustomArguments
                  options={options}
                  values={values.options}
                  onChange={(name, value) => change({ options: { ...values.options, [name]: value } })}
                />
              </fieldset>
            )}
          </div>
        )}
      </div>
      {refusal && (
        <p className="form-error" role="alert" data-testid="form-error">
          {refusal}
        </p>
      )}
      <div className="form-actions">
        <button type="submit" className="primary" disabled={isSending} data-testid="submit-swarm">
          <Icon name={isEdit ? 'edit' : 'play'} />
          {isEdit ? 'Apply' : shapeRules(args, values.shape) ? 'Start shape' : 'Start'}
        </button>
      </div>
    </form>
  );
}

interface ProfileFieldProps {
  args: LiveArgs;
  value: string;
  onChange: (value: string) => void;
}

function ProfileField({ args, value, onChange }: ProfileFieldProps) {
  return (
    <Field label="Profile" hint="Groups runs that belong together; optional.">
      {ids => (
        <>
          <input
            {...ids}
            name="profile"
            type="text"
            autoComplete="off"
            list={args.all_profiles ? 'all-profiles' : undefined}
            value={value}
            onChange={event => onChange(event.target.value)}
          />
          {args.all_profiles && (
            <datalist id="all-profiles">
              {args.all_profiles.map(profile => (
                <option key={profile} value={profile} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}
