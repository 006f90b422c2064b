/** Accounts to try the shop with, only ever made by the shop on one's own machine. */
export const demoAccounts = [
  { role: 'customer', name: 'Dana Demo', email: 'dana@example.com', password: 'welcome-customer' },
  { role: 'staff', name: 'Sam Staff', email: 'sam@example.com', password: 'welcome-staff' },
] as const;
