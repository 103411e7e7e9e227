export const programs = {
  title: 'Programs',
};
