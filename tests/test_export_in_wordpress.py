"""An export goes through a real WordPress and comes back: in by its own functions, out by its own
exporter, and into an empty Postil.

WordPress's importer is a plugin that Debian does not package, so IMPORT below does with its
functions what the plugin does: posts, terms, metadata, comments, in that order. The wording of the
texts is left to WordPress, filters and all.
"""

import pytest
import wordpress_peer
from backups import output_of, site_in
from server import free_port
from test_export import exported, what_is_here  # noqa: F401

pytestmark = pytest.mark.server

IMPORT = """
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';
wp_set_current_user(1);
kses_init();
foreach (get_posts(['post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1]) as $old) {
    wp_delete_post($old->ID, true);
}
$xml = simplexml_load_file(%(file)s);
$ns = $xml->getDocNamespaces();
$users = [];
foreach ($xml->channel->children($ns['wp'])->author as $a) {
    $users[(int) $a->author_id] = $users[(string) $a->author_login] = wp_insert_user([
        'user_login' => (string) $a->author_login, 'user_email' => (string) $a->author_email,
        'display_name' => (string) $a->author_display_name, 'user_pass' => wp_generate_password(),
        'first_name' => (string) $a->author_first_name,
        'last_name' => (string) $a->author_last_name, 'role' => 'author']);
}
foreach ($xml->channel->item as $item) {
    $wp = $item->children($ns['wp']);
    $post = wp_insert_post(wp_slash([
        'import_id' => (int) $wp->post_id, 'post_title' => (string) $item->title,
        'post_author' => $users[(string) $item->children($ns['dc'])->creator],
        'post_content' => (string) $item->children($ns['content'])->encoded,
        'post_excerpt' => (string) $item->children($ns['excerpt'])->encoded,
        'post_date' => (string) $wp->post_date, 'post_date_gmt' => (string) $wp->post_date_gmt,
        'comment_status' => (string) $wp->comment_status, 'post_name' => (string) $wp->post_name,
        'ping_status' => (string) $wp->ping_status, 'guid' => (string) $item->guid,
        'post_status' => (string) $wp->status, 'post_type' => (string) $wp->post_type,
        'post_parent' => 0, 'menu_order' => 0, 'post_password' => '']), true);
    if (is_wp_error($post)) { exit($post->get_error_message()); }
    foreach ($item->category as $c) {
        $slug = (string) $c['nicename'];
        $term = term_exists($slug, 'post_tag')
            ?: wp_insert_term((string) $c, 'post_tag', ['slug' => $slug]);
        wp_set_post_terms($post, [(int) $term['term_id']], 'post_tag', true);
    }
    foreach ($wp->postmeta as $m) {
        add_post_meta($post, (string) $m->meta_key, wp_slash((string) $m->meta_value));
    }
    $numbers = [];
    foreach ($wp->comment as $c) {
        $data = [];
        foreach (['author', 'author_email', 'author_url', 'author_IP', 'date', 'date_gmt',
                  'content', 'approved', 'type'] as $name) {
            $data["comment_$name"] = (string) $c->{"comment_$name"};
        }
        $data['comment_post_ID'] = $post;
        $data['comment_parent'] = $numbers[(int) $c->comment_parent] ?? 0;
        $data['user_id'] = $users[(int) $c->comment_user_id] ?? 0;
        $id = wp_insert_comment(wp_filter_comment(wp_slash($data + ['comment_agent' => ''])));
        $numbers[(int) $c->comment_id] = $id;
        foreach ($c->commentmeta as $m) {
            add_comment_meta($id, (string) $m->meta_key, wp_slash((string) $m->meta_value));
        }
    }
}
echo count_users()['total_users'];
"""
# Its exporter is for a browser, to which it would say what file this is.
EXPORT = """
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/export.php';
wp_set_current_user(1);
ob_start();
@export_wp();
file_put_contents(%(file)s, ob_get_clean());
"""


@pytest.fixture(scope="module")
def peer():
    if missing := wordpress_peer.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    with wordpress_peer.wordpress(free_port()) as peer:
        yield peer


def test_an_export_goes_through_wordpress_and_comes_back(
    peer,
    exported,  # noqa: F811
    tmp_path,
    django_db_blocker,
):
    out, back = peer.folder / "out.xml", peer.site / "back.xml"
    out.write_bytes((exported / "wordpress.xml").read_bytes())
    back.touch(mode=0o666)
    back.chmod(0o666)
    assert peer.php(IMPORT % {"file": wordpress_peer.quoted(str(out))}) == "3"
    peer.php(EXPORT % {"file": wordpress_peer.quoted(str(back))})
    with django_db_blocker.unblock():
        with site_in(exported.parent / "site"):
            left, said_there = what_is_here()
        with site_in(tmp_path / "new", migrated=True):
            report = output_of("import_wordpress", back)
            found, said_here = what_is_here()
    # WordPress exports no spam, gives pages no tags and cuts slugs to 200 bytes; it adds numbers.
    assert said_here == [said for said in said_there if said[2] != "spam"]
    left = {path: said for path, said in left.items() if "界" not in path}
    assert left.keys() < found.keys()
    for path, (*said, tags, addresses) in left.items():
        *same, kept, now = found[path]
        assert same == said
        assert kept == ([] if said[0] == "page" else tags)
        assert addresses <= now
    assert "refused" not in report
