import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { LiveArgs } from '../../src/api/page';
import { SwarmForm } from '../../src/form/SwarmForm';
import { initialValues, type SwarmValues } from '../../src/model/swarm';
import { axeViolations } from '../axe';
import { liveArgs } from '../samples';

function Example({ args, onSubmit }: { args: LiveArgs; onSubmit: (values: SwarmValues) => Promise<void> }) {
  const [values, setValues] = useState(() => initialValues(args));
  return (
    <SwarmForm
      args={args}
      values={values}
      onChange={setValues}
      onSubmit={() => onSubmit(values)}
      isEdit={false}
    />
  );
}

const accept = () => vi.fn((_values: SwarmValues) => Promise.resolve());

const PICKER = liveArgs({
  show_userclass_picker: true,
  available_shape_classes: ['Default', 'Wave'],
  available_user_tasks: { Shopper: ['browse', 'buy'] },
  users: {
    Admin: { host: null, weight: 1, fixed_count: 0, tasks: [] },
    Shopper: {
      host: null,
      weight: 2,
      fixed_count: 0,
      tasks: ['browse', 'buy'],
      region: 'eu',
      retries: 3,
      deep: { a: 1 },
    },
  },
  extra_options: {
    tenant: { default_value: '', is_required: true, help_text: 'Whose shop' },
    token: { default_value: 's3cret', is_secret: true },
    env: { default_value: 'dev', choices: ['dev', 'prod'] },
    regions: { default_value: ['eu'], choices: ['eu', 'us'], is_multiple: true },
    verbose: { default_value: false },
  },
});

describe('the start form', () => {
  test('sends nothing that is invalid and focuses the invalid field', async () => {
    const onSubmit = accept();
    render(<Example args={liveArgs()} onSubmit={onSubmit} />);
    await userEvent.clear(screen.getByLabelText('Users'));
    await userEvent.click(screen.getByTestId('submit-swarm'));
    expect(onSubmit).not.toHaveBeenCalled();
    expect(screen.getByText('Enter a whole number of at least 1.')).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('Users'));
  });

  test('shows what the server refused', async () => {
    render(<Example args={liveArgs()} onSubmit={() => Promise.reject(new Error('No runner'))} />);
    await userEvent.click(screen.getByTestId('submit-swarm'));
    expect((await screen.findByTestId('form-error')).textContent).toBe('No runner');
  });

  test('offers each custom argument in the form that suits it', async () => {
    const onSubmit = accept();
    render(<Example args={PICKER} onSubmit={onSubmit} />);
    await userEvent.type(screen.getByLabelText(/Tenant/), 'acme');
    expect(screen.getByLabelText('Token').getAttribute('type')).toBe('password');
    await userEvent.selectOptions(screen.getByLabelText('Env'), 'prod');
    await userEvent.click(within(screen.getByTestId('choices-regions')).getByLabelText('us'));
    await userEvent.click(screen.getByLabelText('Verbose'));
    await userEvent.click(screen.getByTestId('submit-swarm'));
    expect(onSubmit.mock.calls[0]?.[0].options).toEqual({
      tenant: 'acme',
      token: 's3cret',
      env: 'prod',
      regions: ['eu', 'us'],
      verbose: true,
    });
  });

  test('a required argument has to be filled in', async () => {
    const onSubmit = accept();
    render(<Example args={PICKER} onSubmit={onSubmit} />);
    await userEvent.click(screen.getByTestId('submit-swarm'));
    expect(onSubmit).not.toHaveBeenCalled();
    expect(screen.getByText('Fill in Tenant.')).toBeTruthy();
  });

  test('settings of a class are collected, each in its own type', async () => {
    const onSubmit = accept();
    render(<Example args={PICKER} onSubmit={onSubmit} />);
    await userEvent.type(screen.getByLabelText(/Tenant/), 'acme');
    await userEvent.click(screen.getByRole('button', { name: 'Settings: Shopper' }));
    const settings = within(screen.getByTestId('class-settings-Shopper'));
    const fill = async (label: string, text: string) => {
      await userEvent.clear(settings.getByLabelText(label));
      // In user-event's syntax a brace begins a key name; two braces are one.
      await userEvent.type(settings.getByLabelText(label), text.replaceAll('{', '{{').replaceAll('[', '[['));
    };
    await fill('Weight', '7');
    await fill('Region', 'us');
    await fill('Retries', '5');
    await fill('Deep', '{"a": [2]}');
    await userEvent.click(settings.getByLabelText('buy'));
    await userEvent.click(screen.getByTestId('submit-swarm'));
    expect(onSubmit.mock.calls[0]?.[0].classChanges).toEqual({
      Shopper: { weight: 7, region: 'us', retries: 5, deep: { a: [2] }, tasks: ['browse'] },
    });
  });

  test('a weight that is not a number is refused at once', async () => {
    render(<Example args={PICKER} onSubmit={accept()} />);
    await userEvent.click(screen.getByRole('button', { name: 'Settings: Admin' }));
    await userEvent.type(screen.getByLabelText('Weight'), 'x');
    expect(screen.getByText('Enter a whole number, 0 or more.')).toBeTruthy();
  });

  test('choosing a shape hides what it decides itself', async () => {
    render(<Example args={PICKER} onSubmit={accept()} />);
    await userEvent.selectOptions(screen.getByLabelText('Shape'), 'Wave');
    expect(screen.queryByLabelText('Users')).toBeNull();
    expect(screen.getByTestId('shape-note')).toBeTruthy();
    expect(screen.getByTestId('submit-swarm').textContent).toBe('Start shape');
  });

  test.each([
    [{ override_host_warning: true }, 'replaces all of them'],
    [{ missing_host_warning: true }, 'no host of their own'],
  ])('%o is explained at the host', (changes, words) => {
    render(<Example args={liveArgs(changes)} onSubmit={accept()} />);
    expect(screen.getByText(new RegExp(words))).toBeTruthy();
  });

  test('has no accessibility violations, with settings open', async () => {
    render(
      <main>
        <Example args={PICKER} onSubmit={accept()} />
      </main>,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Settings: Shopper' }));
    expect(await axeViolations()).toEqual([]);
  });
});
