# Varnish before one or more web machines, behind what speaks https. Postil tells it of changes:
#   CDN_PURGE_URL=http://127.0.0.1:6081/  CDN_PURGE_METHOD=BAN
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
}

# Machines whose workers may say that pages changed.
acl postil {
    "127.0.0.1";
}

sub vcl_recv {
    if (req.method == "BAN") {
        if (client.ip !~ postil) {
            return (synth(403));
        }
        # Pages change together: one essay is on the front page, in feeds, under its tags. Images
        # and static files are named by their content, and stay.
        ban("obj.http.Surrogate-Key == postil");
        return (synth(200, "Banned"));
    }
    # A visitor with a cookie of ours gets pages of their own; other cookies mean nothing here.
    if (req.http.Cookie ~ "postil_") {
        return (pass);
    }
    unset req.http.Cookie;
}
