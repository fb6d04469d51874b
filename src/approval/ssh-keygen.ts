// What approvals ask of OpenSSH's ssh-keygen. cli/io/approvals/ssh-keygen.ts runs the program; a test of words brings its own.

export interface SshKeygen {
  /** The armored signature over `message`. Throws Failure `approval/not-signed`, `approval/ssh-keygen`. */
  sign(message: string, namespace: string, keyFile: string): Promise<string>;
  /** Whose key it is now, by the signers file; empty: nobody's. Throws Failure `approval/ssh-keygen`. */
  findPrincipals(signature: string, signersFile: string): Promise<readonly string[]>;
  /** Whether the signature holds, and is that principal's. Throws Failure `approval/ssh-keygen`. */
  verify(check: SignatureCheck): Promise<boolean>;
}

interface SignatureCheck {
  readonly message: string;
  readonly signature: string;
  readonly namespace: string;
  readonly principal: string;
  readonly signersFile: string;
}
