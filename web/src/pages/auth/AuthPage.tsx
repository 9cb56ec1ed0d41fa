/** The login page: a form for user name and password, the locustfile's own form, and buttons for providers. */
import type { AuthArgs, AuthInput } from '../../api/page';
import { Banner } from '../../components/Banner';
import { BrandMark, ThemeButton } from '../../components/Brand';
import { ThemeContext, useThemeChoice } from '../../components/theme';
import { Field } from '../../form/Field';
import { SecretInput } from '../../form/SecretInput';

const USER_AND_PASSWORD: AuthInput[] = [
  { label: 'User name', name: 'username', is_required: true },
  { label: 'Password', name: 'password', is_secret: true, is_required: true },
];

export function AuthPage({ args }: { args: AuthArgs }) {
  const { theme, toggle } = useThemeChoice();
  const form = args.custom_form;
  const action = form?.callback_url ?? args.username_password_callback;
  const inputs = form?.inputs ?? USER_AND_PASSWORD;
  const providers = args.auth_providers ?? [];
  return (
    <ThemeContext value={theme}>
      <div className="auth-page">
        <div className="auth-theme">
          <ThemeButton onToggle={toggle} />
        </div>
        <main className="auth-card">
          <h1 className="brand">
            <BrandMark />
            {args.title ?? 'Locust'}
          </h1>
          {args.error && <Banner tone="bad" title={args.error} testId="auth-error" />}
          {args.info && <Banner tone="info" icon="info" title={args.info} testId="auth-info" />}
          {action && (
            // The locustfile's route reads an ordinary form post and answers with a redirect.
            <form method="post" action={action} data-testid="auth-form">
              {inputs.map((input, index) => (
                <AuthField key={input.name} input={input} isFirst={index === 0} />
              ))}
              <button type="submit" className="primary wide" data-testid="auth-submit">
                {form?.submit_button_text ?? 'Log in'}
              </button>
            </form>
          )}
          {action && providers.length > 0 && <p className="or">or</p>}
          {providers.length > 0 && (
            <ul className="providers">
              {providers.map(provider => (
                <li key={provider.callback_url}>
                  <a className="button wide" href={provider.callback_url} data-testid="auth-provider">
                    {provider.icon_url && <img src={provider.icon_url} alt="" width="20" height="20" />}
                    {provider.label}
                  </a>
                </li>
              ))}
            </ul>
          )}
          {!action && providers.length === 0 && (
            <p className="note">
              No way to log in has been set up. Set LOCUST_USER_NAME and LOCUST_PASSWORD, or{' '}
              <code>environment.web_ui.auth_args</code> in the locustfile.
            </p>
          )}
        </main>
      </div>
    </ThemeContext>
  );
}

const AUTOCOMPLETE: Record<string, string> = {
  username: 'username',
  password: 'current-password',
  email: 'email',
};

function AuthField({ input, isFirst }: { input: AuthInput; isFirst: boolean }) {
  const { label, name, is_required: isRequired = false, default_value: initial = null } = input;
  const autoComplete = AUTOCOMPLETE[name] ?? 'on';
  const isCheckbox = input.type === 'checkbox' || (!input.type && typeof initial === 'boolean');
  if (isCheckbox) {
    return (
      <div className="field">
        <label className="check">
          <input type="checkbox" name={name} defaultChecked={initial === true} required={isRequired} />
          <span>{label}</span>
        </label>
      </div>
    );
  }
  const text = Array.isArray(initial) ? initial.map(String) : initial === null ? '' : String(initial);
  return (
    <Field label={label} isRequired={isRequired && !['username', 'password'].includes(name)}>
      {ids => {
        if (input.choices?.length) {
          return (
            <select
              {...ids}
              name={name}
              multiple={input.is_multiple ?? false}
              required={isRequired}
              defaultValue={text}
            >
              {input.choices.map(choice => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          );
        }
        if (input.is_secret || input.type === 'password') {
          return (
            <SecretInput
              ids={ids}
              name={name}
              isRequired={isRequired}
              defaultValue={String(text)}
              autoComplete={autoComplete}
            />
          );
        }
        return (
          <input
            {...ids}
            name={name}
            type={input.type ?? 'text'}
            required={isRequired}
            defaultValue={text}
            autoComplete={autoComplete}
            // biome-ignore lint/a11y/noAutofocus: the page has no other purpose than this form
            autoFocus={isFirst}
          />
        );
      }}
    </Field>
  );
}
