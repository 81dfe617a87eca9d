/*
 * One Jabber-RPC call with libstrophe: strophe-call HOST PORT JID PASSWORD CAFILE TO METHOD INT
 *
 * CAFILE is the certificate to trust, which makes TLS mandatory; "-" means that the connection stays in clear.
 * Prints the text of the answer's <query/>, or the condition of its <error/>. Exits with 0 when there was a result,
 * with 3 when there was an error, and with 4 when nobody let us in or nothing came within 20 seconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>

#define NS "jabber:iq:rpc"
#define TIMEOUT_MS 20000

struct call {
    xmpp_ctx_t *ctx;
    const char *to, *method, *number;
    int exit_code;
};

/* Answers stand at any depth of the response, so all of its character data is printed in order. */
static void print_text(xmpp_stanza_t *stanza)
{
    if (xmpp_stanza_is_text(stanza))
        fputs(xmpp_stanza_get_text_ptr(stanza), stdout);
    for (xmpp_stanza_t *child = xmpp_stanza_get_children(stanza); child; child = xmpp_stanza_get_next(child))
        print_text(child);
}

static int on_answer(xmpp_conn_t *conn, xmpp_stanza_t *iq, void *data)
{
    struct call *call = data;
    const char *type = xmpp_stanza_get_type(iq);
    xmpp_stanza_t *query = xmpp_stanza_get_child_by_ns(iq, NS);
    xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(iq, "error");
    if (type && strcmp(type, "result") == 0 && query) {
        print_text(query);
        call->exit_code = 0;
    } else if (error) {
        printf("error %s", xmpp_stanza_get_name(xmpp_stanza_get_children(error)));
        call->exit_code = 3;
    }
    putchar('\n');
    xmpp_disconnect(conn);
    return 0;
}

static int on_timeout(xmpp_conn_t *conn, void *data)
{
    (void)data;
    fputs("no answer\n", stderr);
    xmpp_disconnect(conn);
    return 0;
}

/* Makes <parent><name>, gives the parent a reference to it, and returns a borrowed pointer. */
static xmpp_stanza_t *add(struct call *call, xmpp_stanza_t *parent, const char *name, const char *text)
{
    xmpp_stanza_t *child = xmpp_stanza_new(call->ctx);
    xmpp_stanza_set_name(child, name);
    if (text) {
        xmpp_stanza_t *content = xmpp_stanza_new(call->ctx);
        xmpp_stanza_set_text(content, text);
        xmpp_stanza_add_child(child, content);
        xmpp_stanza_release(content);
    }
    xmpp_stanza_add_child(parent, child);
    xmpp_stanza_release(child);
    return child;
}

static void send_call(xmpp_conn_t *conn, struct call *call)
{
    char *id = xmpp_uuid_gen(call->ctx);
    xmpp_stanza_t *iq = xmpp_iq_new(call->ctx, "set", id);
    xmpp_stanza_set_to(iq, call->to);
    xmpp_stanza_t *query = add(call, iq, "query", NULL);
    xmpp_stanza_set_ns(query, NS);
    xmpp_stanza_t *method_call = add(call, query, "methodCall", NULL);
    add(call, method_call, "methodName", call->method);
    xmpp_stanza_t *param = add(call, add(call, method_call, "params", NULL), "param", NULL);
    add(call, add(call, param, "value", NULL), "i4", call->number);
    xmpp_id_handler_add(conn, on_answer, id, call);
    xmpp_send(conn, iq);
    xmpp_stanza_release(iq);
    xmpp_free(call->ctx, id);
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error,
                          void *data)
{
    struct call *call = data;
    if (event == XMPP_CONN_CONNECT) {
        fprintf(stderr, "online as %s%s\n", xmpp_conn_get_bound_jid(conn),
                xmpp_conn_is_secured(conn) ? " with TLS" : "");
        send_call(conn, call);
        return;
    }
    if (call->exit_code == 4)
        fprintf(stderr, "disconnected: error %d, stream error %d\n", error, stream_error ? (int)stream_error->type : -1);
    xmpp_stop(call->ctx);
}

int main(int argc, char **argv)
{
    if (argc != 9) {
        fprintf(stderr, "usage: %s HOST PORT JID PASSWORD CAFILE TO METHOD INT\n", argv[0]);
        return 1;
    }
    xmpp_initialize();
    struct call call = {NULL, argv[6], argv[7], argv[8], 4};
    call.ctx = xmpp_ctx_new(NULL, xmpp_get_default_logger(XMPP_LEVEL_WARN));
    xmpp_conn_t *conn = xmpp_conn_new(call.ctx);
    xmpp_conn_set_jid(conn, argv[3]);
    xmpp_conn_set_pass(conn, argv[4]);
    if (strcmp(argv[5], "-") == 0) {
        xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_DISABLE_TLS);
    } else {
        xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_MANDATORY_TLS);
        xmpp_conn_set_cafile(conn, argv[5]);
    }
    xmpp_timed_handler_add(conn, on_timeout, TIMEOUT_MS, &call);
    if (xmpp_connect_client(conn, argv[1], (unsigned short)atoi(argv[2]), on_connection, &call) == XMPP_EOK)
        xmpp_run(call.ctx);
    xmpp_conn_release(conn);
    xmpp_ctx_free(call.ctx);
    xmpp_shutdown();
    return call.exit_code;
}
