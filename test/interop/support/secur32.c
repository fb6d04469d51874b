/* The calls of Windows' secur32.dll that the client makes, with the signatures and structs of sspi.h, carried out by MIT Kerberos. It exists
 * so that src/winrm/auth/kerberos/secur32.ts is run by something that a C compiler laid out and that checks what it is given. It is no
 * model of Windows: its statuses are the few that the test needs. Where Windows has `unsigned long`, which has 32 bits there, this has
 * uint32_t; WCHAR has 16 bits. */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint16_t WCHAR;
typedef struct { uintptr_t dwLower, dwUpper; } SecHandle;
typedef struct { uint32_t cbBuffer, BufferType; void *pvBuffer; } SecBuffer;
typedef struct { uint32_t ulVersion, cBuffers; SecBuffer *pBuffers; } SecBufferDesc;
typedef struct {
    uint32_t dwInitiatorAddrType, cbInitiatorLength, dwInitiatorOffset;
    uint32_t dwAcceptorAddrType, cbAcceptorLength, dwAcceptorOffset;
    uint32_t cbApplicationDataLength, dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS;
typedef struct {
    WCHAR *User; uint32_t UserLength;
    WCHAR *Domain; uint32_t DomainLength;
    WCHAR *Password; uint32_t PasswordLength;
    uint32_t Flags;
} SEC_WINNT_AUTH_IDENTITY_W;
typedef struct { uint32_t cbMaxToken, cbMaxSignature, cbBlockSize, cbSecurityTrailer; } SecPkgContext_Sizes;
typedef struct { WCHAR *sUserName; } SecPkgCredentials_NamesW;

enum {
    OK = 0, CONTINUE_NEEDED = 0x00090312, INVALID_HANDLE = (int)0x80090301, TARGET_UNKNOWN = (int)0x80090303,
    INVALID_TOKEN = (int)0x80090308, LOGON_DENIED = (int)0x8009030c, NO_CREDENTIALS = (int)0x8009030e,
    MESSAGE_ALTERED = (int)0x8009030f, BUFFER_TOO_SMALL = (int)0x80090321, INVALID_PARAMETER = (int)0x8009035d
};
static const uint32_t required = 0x2 | 0x4 | 0x8 | 0x10 | 0x10000;
static gss_OID_desc kerberos = {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
static gss_OID_set_desc mechanisms = {1, &kerberos};

/* Characters beyond ASCII become UTF-8 of two or three bytes. */
static char *narrow(const WCHAR *text, long count) {
    if (count < 0) for (count = 0; text[count]; count++);
    char *out = malloc(count * 3 + 1), *at = out;
    for (long i = 0; i < count; i++) {
        unsigned c = text[i];
        if (c < 0x80) *at++ = c;
        else if (c < 0x800) { *at++ = 0xc0 | c >> 6; *at++ = 0x80 | (c & 63); }
        else { *at++ = 0xe0 | c >> 12; *at++ = 0x80 | (c >> 6 & 63); *at++ = 0x80 | (c & 63); }
    }
    *at = 0;
    return out;
}

static SecBuffer *find(SecBufferDesc *all, uint32_t type) {
    if (all == NULL || all->ulVersion != 0) return NULL;
    for (uint32_t i = 0; i < all->cBuffers; i++) if (all->pBuffers[i].BufferType == type) return &all->pBuffers[i];
    return NULL;
}

int AcquireCredentialsHandleW(WCHAR *principal, WCHAR *package, uint32_t use, void *logon, SEC_WINNT_AUTH_IDENTITY_W *identity,
                              void *key, void *key_argument, SecHandle *credential, int64_t *expiry) {
    char *name = narrow(package, -1);
    int known = strcmp(name, "Kerberos") == 0;
    free(name);
    if (!known || use != 2 || principal || logon || key || key_argument || !expiry) return INVALID_PARAMETER;
    OM_uint32 minor, major;
    gss_cred_id_t made = GSS_C_NO_CREDENTIAL;
    if (identity == NULL) {
        major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE, &made, NULL, NULL);
    } else {
        if (identity->Flags != 2 || identity->DomainLength != 0) return INVALID_PARAMETER;
        char *user = narrow(identity->User, identity->UserLength), *password = narrow(identity->Password, identity->PasswordLength);
        gss_buffer_desc text = {strlen(user), user}, secret = {strlen(password), password};
        gss_name_t who;
        gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &who);
        major = gss_acquire_cred_with_password(&minor, who, &secret, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE, &made, NULL, NULL);
        gss_release_name(&minor, &who);
        free(user);
        free(password);
    }
    if (GSS_ERROR(major)) return NO_CREDENTIALS;
    credential->dwLower = (uintptr_t)made;
    credential->dwUpper = 0x51;
    return OK;
}

int QueryCredentialsAttributesW(SecHandle *credential, uint32_t attribute, SecPkgCredentials_NamesW *out) {
    if (credential->dwUpper != 0x51 || attribute != 1) return INVALID_HANDLE;
    OM_uint32 minor;
    gss_name_t name;
    gss_buffer_desc text;
    if (GSS_ERROR(gss_inquire_cred(&minor, (gss_cred_id_t)credential->dwLower, &name, NULL, NULL, NULL))) return NO_CREDENTIALS;
    gss_display_name(&minor, name, &text, NULL);
    out->sUserName = calloc(text.length + 1, sizeof(WCHAR));
    for (size_t i = 0; i < text.length; i++) out->sUserName[i] = ((unsigned char *)text.value)[i];
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
    return OK;
}

int FreeContextBuffer(void *buffer) {
    free(buffer);
    return OK;
}

int InitializeSecurityContextW(SecHandle *credential, SecHandle *context, WCHAR *target, uint32_t flags, uint32_t reserved1,
                               uint32_t representation, SecBufferDesc *input, uint32_t reserved2, SecHandle *made, SecBufferDesc *output,
                               uint32_t *attributes, int64_t *expiry) {
    SecBuffer *out = find(output, 2), *received = find(input, 2), *binding = find(input, 14);
    if (credential->dwUpper != 0x51 || flags != required || reserved1 || reserved2 || representation != 0x10 || !out || !expiry ||
        (context != NULL) != (received != NULL) || (context && context->dwUpper != 0x52))
        return INVALID_PARAMETER;
    OM_uint32 minor, ignored, got = 0;
    char *spn = narrow(target, -1), *slash = strchr(spn, '/');
    if (slash) *slash = '@';
    gss_buffer_desc text = {strlen(spn), spn}, token = GSS_C_EMPTY_BUFFER, reply = GSS_C_EMPTY_BUFFER;
    struct gss_channel_bindings_struct bindings;
    memset(&bindings, 0, sizeof bindings);
    if (binding) {
        SEC_CHANNEL_BINDINGS *head = binding->pvBuffer;
        if (head->cbInitiatorLength || head->cbAcceptorLength ||
            head->dwApplicationDataOffset + head->cbApplicationDataLength != binding->cbBuffer) return INVALID_PARAMETER;
        bindings.application_data.length = head->cbApplicationDataLength;
        bindings.application_data.value = (char *)head + head->dwApplicationDataOffset;
    }
    if (received) token = (gss_buffer_desc){received->cbBuffer, received->pvBuffer};
    gss_name_t name;
    gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);
    gss_ctx_id_t gss = context ? (gss_ctx_id_t)context->dwLower : GSS_C_NO_CONTEXT;
    OM_uint32 major = gss_init_sec_context(&minor, (gss_cred_id_t)credential->dwLower, &gss, name, &kerberos, 2 | 4 | 8 | 16 | 32, 0,
                                           binding ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, &token, NULL, &reply, &got, NULL);
    gss_release_name(&ignored, &name);
    free(spn);
    made->dwLower = (uintptr_t)gss;
    made->dwUpper = 0x52;
    if (GSS_ERROR(major)) {
        if (context) return MESSAGE_ALTERED;
        switch (minor - 2529638912u) {
            case 7: return TARGET_UNKNOWN;
            case 6: case 24: case 31: return LOGON_DENIED;
            default: return INVALID_TOKEN;
        }
    }
    if (reply.length > out->cbBuffer) return BUFFER_TOO_SMALL;
    memcpy(out->pvBuffer, reply.value, reply.length);
    out->cbBuffer = reply.length;
    gss_release_buffer(&minor, &reply);
    *attributes = (got & (2 | 4 | 8 | 16)) | (got & 32 ? 0x10000 : 0);
    return major == GSS_S_COMPLETE ? OK : CONTINUE_NEEDED;
}

int QueryContextAttributesW(SecHandle *context, uint32_t attribute, SecPkgContext_Sizes *sizes) {
    if (context->dwUpper != 0x52 || attribute != 0) return INVALID_HANDLE;
    *sizes = (SecPkgContext_Sizes){48000, 50, 1, 76};
    return OK;
}

int EncryptMessage(SecHandle *context, uint32_t quality, SecBufferDesc *message, uint32_t number) {
    SecBuffer *token = find(message, 2), *data = find(message, 1);
    if (context->dwUpper != 0x52 || quality || number || !token || !data || message->cBuffers != 2) return INVALID_PARAMETER;
    OM_uint32 minor;
    int sealed = 0;
    gss_iov_buffer_desc iov[2] = {{GSS_IOV_BUFFER_TYPE_HEADER, {0, NULL}}, {GSS_IOV_BUFFER_TYPE_DATA, {data->cbBuffer, data->pvBuffer}}};
    if (GSS_ERROR(gss_wrap_iov_length(&minor, (gss_ctx_id_t)context->dwLower, 1, 0, &sealed, iov, 2))) return INVALID_TOKEN;
    if (iov[0].buffer.length > token->cbBuffer) return BUFFER_TOO_SMALL;
    iov[0].buffer.value = token->pvBuffer;
    if (GSS_ERROR(gss_wrap_iov(&minor, (gss_ctx_id_t)context->dwLower, 1, 0, &sealed, iov, 2))) return INVALID_TOKEN;
    token->cbBuffer = iov[0].buffer.length;
    return OK;
}

int DecryptMessage(SecHandle *context, SecBufferDesc *message, uint32_t number, uint32_t *quality) {
    SecBuffer *token = find(message, 2), *data = find(message, 1);
    if (context->dwUpper != 0x52 || number || !token || !data || message->cBuffers != 2) return INVALID_PARAMETER;
    OM_uint32 minor;
    int sealed = 0;
    gss_iov_buffer_desc iov[2] = {{GSS_IOV_BUFFER_TYPE_HEADER, {token->cbBuffer, token->pvBuffer}},
                                  {GSS_IOV_BUFFER_TYPE_DATA, {data->cbBuffer, data->pvBuffer}}};
    if (GSS_ERROR(gss_unwrap_iov(&minor, (gss_ctx_id_t)context->dwLower, &sealed, NULL, iov, 2))) return MESSAGE_ALTERED;
    data->cbBuffer = iov[1].buffer.length;
    *quality = sealed ? 0 : 0x80000001;
    return OK;
}

int DeleteSecurityContext(SecHandle *context) {
    OM_uint32 minor;
    gss_ctx_id_t gss = (gss_ctx_id_t)context->dwLower;
    if (context->dwUpper != 0x52) return INVALID_HANDLE;
    gss_delete_sec_context(&minor, &gss, NULL);
    context->dwUpper = 0;
    return OK;
}
