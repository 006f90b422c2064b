/** Demo accounts, which only a shop on a developer's machine creates. */
export const demoAccounts = [
  { role: 'customer', name: 'Dana Demo', email: 'dana@example.com', password: 'welcome-customer' },
  { role: 'staff', name: 'Sam Staff', email: 'sam@example.com', password: 'welcome-staff' },
] as const;
