// Certificates of our own making (openssl req -x509, throw-away keys), one per signature algorithm that servers are seen with.
// In base64 of their DER form. The hash is the one RFC 5929 section 4.1 names; for RSASSA-PSS and Ed25519 the one other clients take.

export interface SignedCertificate {
  readonly signature: string;
  readonly bindingHash: string;
  readonly der: string;
}

export const certificates: readonly SignedCertificate[] = [
  {
    signature: 'sha1WithRSA',
    bindingHash: 'sha256',
    der:
      'MIIBjjCB+AIBATANBgkqhkiG9w0BAQUFADAPMQ0wCwYDVQQDDARleDAxMCAXDTI2MTEyNDAzMDUxMVoYDzIxMjYxMDMxMDMwNTEx' +
      'WjAPMQ0wCwYDVQQDDARleDAxMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDEQp61d0/4WKSqrsmZQIOWK5KB2IlHemSUjScU' +
      'DpJJW0vwM2XCa3yKKeA1USrXuc6kKNFz4OJSPn+cB0gDQgsTlvVeLjzhsHEqQ+9Y9QbjFlbhqQYw7hiEBlhe99Cy4Fpqms4mBATL' +
      'J5yoUwN9a00CBC35EhXTPng/Pb/TPMQ9YQIDAQABMA0GCSqGSIb3DQEBBQUAA4GBAGmGQy4Ztz+L23Exhi1aIuu+BSfkELtQnpqa' +
      't+AnjoJy0JvbVHVMUHaGT8Rm1lfuNIbCGZ9C49xPe5mc779Y2SluGugOchvluefCf9wPMCUG3PgyQ1x8P6fFrwFjN1X6+89ltK54' +
      'RewkEF+Z/b0FepFOh2MbwJGWTKcx9hE2tA+b',
  },
  {
    signature: 'sha256WithRSA',
    bindingHash: 'sha256',
    der:
      'MIIBjjCB+AIBATANBgkqhkiG9w0BAQsFADAPMQ0wCwYDVQQDDARleDAxMCAXDTI2MTEyNDAzMDUxMVoYDzIxMjYxMDMxMDMwNTEx' +
      'WjAPMQ0wCwYDVQQDDARleDAxMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDEQp61d0/4WKSqrsmZQIOWK5KB2IlHemSUjScU' +
      'DpJJW0vwM2XCa3yKKeA1USrXuc6kKNFz4OJSPn+cB0gDQgsTlvVeLjzhsHEqQ+9Y9QbjFlbhqQYw7hiEBlhe99Cy4Fpqms4mBATL' +
      'J5yoUwN9a00CBC35EhXTPng/Pb/TPMQ9YQIDAQABMA0GCSqGSIb3DQEBCwUAA4GBAAJr0p1CQO9mFsWCK4zOasKiWw59jathD++U' +
      'xsonpFEUR2jIX7ytAaUzkyfrwHXgVx739q1/JNZin0ji2Fhwqv5yhy9e5lO6ej5n11/hH7d+w4jzvfF3w8aOdHFmOqnsntsTVvgH' +
      'hj1vfM4H7LT3I64GKU9okIISVWV6pch8gjCz',
  },
  {
    signature: 'sha384WithRSA',
    bindingHash: 'sha384',
    der:
      'MIIBjjCB+AIBATANBgkqhkiG9w0BAQwFADAPMQ0wCwYDVQQDDARleDAxMCAXDTI2MTEyNDAzMDUxMVoYDzIxMjYxMDMxMDMwNTEx' +
      'WjAPMQ0wCwYDVQQDDARleDAxMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDEQp61d0/4WKSqrsmZQIOWK5KB2IlHemSUjScU' +
      'DpJJW0vwM2XCa3yKKeA1USrXuc6kKNFz4OJSPn+cB0gDQgsTlvVeLjzhsHEqQ+9Y9QbjFlbhqQYw7hiEBlhe99Cy4Fpqms4mBATL' +
      'J5yoUwN9a00CBC35EhXTPng/Pb/TPMQ9YQIDAQABMA0GCSqGSIb3DQEBDAUAA4GBAC3Rb8eEw8v/Np66YY5loR1Vbc1mUdsqDVLh' +
      'J/wEs0UmtjWDNiikilVlKjwwWyVsxQY9IITijJsxiwQPwM8tY3/D3NE3/YyyqHglfd50DBRP3wiaIHyTMIViLrJ7wWrJK+3v8Iz3' +
      'S+4t0H2k6mUgLHcXswk92ppibBjbFV42jsAQ',
  },
  {
    signature: 'sha512WithRSA',
    bindingHash: 'sha512',
    der:
      'MIIBjjCB+AIBATANBgkqhkiG9w0BAQ0FADAPMQ0wCwYDVQQDDARleDAxMCAXDTI2MTEyNDAzMDUxMloYDzIxMjYxMDMxMDMwNTEy' +
      'WjAPMQ0wCwYDVQQDDARleDAxMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDEQp61d0/4WKSqrsmZQIOWK5KB2IlHemSUjScU' +
      'DpJJW0vwM2XCa3yKKeA1USrXuc6kKNFz4OJSPn+cB0gDQgsTlvVeLjzhsHEqQ+9Y9QbjFlbhqQYw7hiEBlhe99Cy4Fpqms4mBATL' +
      'J5yoUwN9a00CBC35EhXTPng/Pb/TPMQ9YQIDAQABMA0GCSqGSIb3DQEBDQUAA4GBACcYmgAG3gSb7Y6V7oUMxbLYW+ebPunnOvHL' +
      'ZvgvK4p74GOGXvOk+KIJDWpz4Rpo/XVV/HLS/YMzzMJ+HNlQRk/gdTELn1UVJPVi8Ot1PrEbK0wcROY0K4rpm3ax3mpC3+aEBxGI' +
      'jbiwwHS0p4onvHVN4Ri8tD+YJYlYxedP+OU7',
  },
  {
    signature: 'RSASSA-PSS',
    bindingHash: 'sha256',
    der:
      'MIIB9zCCASwCAQEwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKID' +
      'AgE+MA8xDTALBgNVBAMMBGV4MDEwIBcNMjYxMTI0MDMwNTEyWhgPMjEyNjEwMzEwMzA1MTJaMA8xDTALBgNVBAMMBGV4MDEwgZ8w' +
      'DQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAMRCnrV3T/hYpKquyZlAg5YrkoHYiUd6ZJSNJxQOkklbS/AzZcJrfIop4DVRKte5zqQo' +
      '0XPg4lI+f5wHSANCCxOW9V4uPOGwcSpD71j1BuMWVuGpBjDuGIQGWF730LLgWmqaziYEBMsnnKhTA31rTQIELfkSFdM+eD89v9M8' +
      'xD1hAgMBAAEwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgE+' +
      'A4GBADpN4Gufzh3v7LeXU/t8t1UVo/GrbmQzWIs6ENhw5G3oCpUu6B/kfgzdEypTcXMtlqFD3HirmVIWpzgIJDtboYfUxIAIhJQt' +
      'hGEisXqgsFJN2HSCBhX/vIldwQ12GYeiMJe6ZxUa5yQ3lO04+9w2zI4wlDb1IMhSl/TiupcraCRi',
  },
  {
    signature: 'ecdsa-with-SHA256',
    bindingHash: 'sha256',
    der:
      'MIIBBzCBrgIBATAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARleDAxMCAXDTI2MTEyNDAzMDUxMloYDzIxMjYxMDMxMDMwNTEyWjAP' +
      'MQ0wCwYDVQQDDARleDAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdp3NJfCDjSWhkXURVfFGfEChPluRGK7Dzxe7YlU0O+4W' +
      'LEI6mmMSDi3FixMLFMVAAD8+r54wGGwasPptruXtmDAKBggqhkjOPQQDAgNIADBFAiBCguGvADpbiXFIOMaHCZr0sGhQADzkiIYI' +
      '9r+kc/KcowIhAN2Q1c4C3e1EpPaIyN2VRFv9U6WOaHoli7kTX7HM9muz',
  },
  {
    signature: 'ecdsa-with-SHA384',
    bindingHash: 'sha384',
    der:
      'MIIBBzCBrgIBATAKBggqhkjOPQQDAzAPMQ0wCwYDVQQDDARleDAxMCAXDTI2MTEyNDAzMDUxMloYDzIxMjYxMDMxMDMwNTEyWjAP' +
      'MQ0wCwYDVQQDDARleDAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdp3NJfCDjSWhkXURVfFGfEChPluRGK7Dzxe7YlU0O+4W' +
      'LEI6mmMSDi3FixMLFMVAAD8+r54wGGwasPptruXtmDAKBggqhkjOPQQDAwNIADBFAiB1Gz4m9l6LHRaNoXNvpnUx3pbXTj+p3hoe' +
      'F4EAcF1oPAIhAI2rhPXjSsq3TcJyoA/8sU1RI//H8bOTiUcmcHYrOPw5',
  },
  {
    signature: 'ecdsa-with-SHA512',
    bindingHash: 'sha512',
    der:
      'MIIBCDCBrgIBATAKBggqhkjOPQQDBDAPMQ0wCwYDVQQDDARleDAxMCAXDTI2MTEyNDAzMDUxMloYDzIxMjYxMDMxMDMwNTEyWjAP' +
      'MQ0wCwYDVQQDDARleDAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdp3NJfCDjSWhkXURVfFGfEChPluRGK7Dzxe7YlU0O+4W' +
      'LEI6mmMSDi3FixMLFMVAAD8+r54wGGwasPptruXtmDAKBggqhkjOPQQDBANJADBGAiEA5Q8gZUNkR314Dk0dUxR6ZUoROn0HaDrO' +
      '645e6+do5lwCIQDbrmVpWQRY+dJLjYtDrgVi2flhu1SCk34vx+ButxTOqg==',
  },
  {
    signature: 'Ed25519',
    bindingHash: 'sha256',
    der:
      'MIHGMHoCAQEwBQYDK2VwMA8xDTALBgNVBAMMBGV4MDEwIBcNMjYxMTI0MDMwNTEyWhgPMjEyNjEwMzEwMzA1MTJaMA8xDTALBgNV' +
      'BAMMBGV4MDEwKjAFBgMrZXADIQCbumVFGWpH5UyhmVZb5oBACTcaEimp1ugUAhfODV2EEDAFBgMrZXADQQDKwUnHf07Jr2ixExMD' +
      'zrZuOIZe2auLkzMdeK0mpdXqhBTQvo+FHlDmIVR1Uo/MB1aqjqJa1oyY7nt3iBLlqAgO',
  },
];
