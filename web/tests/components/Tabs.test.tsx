import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { Tabs, useOpenTab } from '../../src/components/Tabs';

function Example() {
  const [open, setOpen] = useOpenTab(['one', 'two', 'three']);
  return (
    <Tabs
      label="Example"
      open={open}
      onOpen={setOpen}
      tabs={['one', 'two', 'three'].map(id => ({ id, title: id, panel: () => <p>{`panel ${id}`}</p> }))}
    />
  );
}

describe('Tabs', () => {
  test('arrows move along and around, Home and End jump', async () => {
    render(<Example />);
    await userEvent.tab();
    await userEvent.keyboard('{ArrowLeft}');
    expect(screen.getByText('panel three')).toBeTruthy();
    expect(document.activeElement?.textContent).toBe('three');
    await userEvent.keyboard('{Home}{ArrowRight}');
    expect(screen.getByText('panel two')).toBeTruthy();
    await userEvent.keyboard('{End}');
    expect(screen.getByText('panel three')).toBeTruthy();
  });

  test('the address names the open tab', async () => {
    render(<Example />);
    await userEvent.click(screen.getByRole('tab', { name: 'two' }));
    expect(window.location.hash).toBe('#two');
  });

  test('the address decides which tab opens, if there is such a tab', () => {
    window.location.hash = '#three';
    render(<Example />);
    expect(screen.getByRole('tab', { name: 'three' }).getAttribute('aria-selected')).toBe('true');
  });

  test('an unknown address opens the first', () => {
    window.location.hash = '#nowhere';
    render(<Example />);
    expect(screen.getByText('panel one')).toBeTruthy();
  });
});
