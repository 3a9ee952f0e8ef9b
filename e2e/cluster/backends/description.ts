/** The addresses of the back ends for pods; written once all of them are ready. */
export interface BackendDescription {
  readonly pid: number;
  /** With an administrator's rights. */
  readonly mongodbUrl: string;
  readonly rabbitmqUrl: string;
  readonly managementUrl: string;
  readonly mx: { readonly host: string; readonly port: number; readonly maildir: string };
}
