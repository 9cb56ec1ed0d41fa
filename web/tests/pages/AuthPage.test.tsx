import { render, screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { AuthPage } from '../../src/pages/auth/AuthPage';
import { axeViolations } from '../axe';

describe('the login page', () => {
  test('posts user name and password as a plain form to the callback', () => {
    render(<AuthPage args={{ username_password_callback: '/login_submit' }} />);
    const form = screen.getByTestId('auth-form') as HTMLFormElement;
    expect([form.getAttribute('action'), form.method]).toEqual(['/login_submit', 'post']);
    expect([...new FormData(form).keys()]).toEqual(['username', 'password']);
    expect(screen.getByLabelText('Password').getAttribute('type')).toBe('password');
  });

  test('shows errors, information and providers', () => {
    const args = {
      error: 'Wrong <b>password</b>',
      info: 'Account made',
      auth_providers: [
        { label: 'GitHub', callback_url: '/login/github', icon_url: 'https://x.example/i.png' },
      ],
    };
    render(<AuthPage args={args} />);
    expect(screen.getByTestId('auth-error').textContent).toBe('Wrong <b>password</b>');
    expect(screen.getByTestId('auth-info').textContent).toBe('Account made');
    expect(screen.getByRole('link', { name: 'GitHub' }).getAttribute('href')).toBe('/login/github');
  });

  test('a form of its own has the inputs it asks for', () => {
    const args = {
      custom_form: {
        callback_url: '/cb',
        submit_button_text: 'Sign in',
        inputs: [
          { label: 'E-mail', name: 'email', type: 'email', is_required: true },
          { label: 'Team', name: 'team', choices: ['web', 'app'] },
          { label: 'Stay', name: 'stay', default_value: true },
          { label: 'PIN', name: 'pin', is_secret: true },
        ],
      },
    };
    render(<AuthPage args={args} />);
    expect(screen.getByLabelText(/E-mail/).getAttribute('type')).toBe('email');
    expect(screen.getByLabelText('Team').tagName).toBe('SELECT');
    expect((screen.getByLabelText('Stay') as HTMLInputElement).checked).toBe(true);
    expect(screen.getByLabelText('PIN').getAttribute('type')).toBe('password');
    expect(screen.getByTestId('auth-submit').textContent).toBe('Sign in');
  });

  test('without any way to log in it says what to set', () => {
    render(<AuthPage args={{}} />);
    expect(screen.getByText(/LOCUST_USER_NAME/)).toBeTruthy();
  });

  test('has no accessibility violations', async () => {
    render(<AuthPage args={{ username_password_callback: '/x', error: 'no' }} />);
    expect(await axeViolations()).toEqual([]);
  });
});
