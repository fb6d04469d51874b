// The names of the report formats, apart from their writers so that --help loads none of them.

export const reportFormats = ['html', 'junit', 'markdown', 'json', 'gitlab-codequality', 'otlp'] as const;
export type ReportFormat = (typeof reportFormats)[number];
/** Those that are made of a view: a trace is made of the events of a run. */
export type ViewFormat = Exclude<ReportFormat, 'otlp'>;
