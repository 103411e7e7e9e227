export const account = {
  goneTitle: 'This account is gone',
  goneText: 'Somebody signed it out, here or in a terminal.',
};
