// The names of the report formats, apart from their writers so that --help loads none of them.

export const reportFormats = ['html', 'junit', 'markdown', 'json', 'gitlab-codequality'] as const;
export type ReportFormat = (typeof reportFormats)[number];
