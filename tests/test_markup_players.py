"""Sounds and films of one's own in an essay, as the browser's own players."""

from inputs import every

from blog.markup import plain_text, preview_post, render_post
from blog.posts.desk.looking import things_to_look_at

SOUND, FILM = f"/media/{'0' * 32}.mp3", f"/media/{'0' * 32}-640x360.webm"
AUDIO = f'<audio src="{SOUND}" controls="" preload="none"></audio>'
VIDEO = f'<video src="{FILM}" controls="" preload="metadata" width="640" height="360"></video>'


def below(address, words):
    link, _space, more = words.partition(" | ")
    more = f" {more}" if more else ""
    return f'<figcaption><a href="{address}">{link}</a>{more}</figcaption>'


@every(
    ("text", "html"),
    [
        (f"![Rain]({SOUND})", f"<figure>{AUDIO}{below(SOUND, 'Rain')}</figure>"),
        (
            f'![A leaf]({FILM} "In May")',
            f"<figure>{VIDEO}{below(FILM, 'A leaf | In May')}</figure>",
        ),
        (f"![]({SOUND})", f"<figure>{AUDIO}{below(SOUND, 'Sound')}</figure>"),
        (f"[![Rain]({SOUND})](/x)", f"<figure>{AUDIO}{below(SOUND, 'Rain')}</figure>"),
        (
            f"Hear ![rain]({SOUND}) now.",
            f'<p>Hear {AUDIO[:-9]} aria-label="rain"></audio> now.</p>',
        ),
        (f'<video src="{FILM}" autoplay loop onplay="x()">Old</video>', VIDEO),
        (
            f'<audio controls><source src="https://x.example/a.mp3"><source src="{SOUND}"></audio>',
            f"<p>{AUDIO}</p>",
        ),
        (
            f"<figure><video src='{FILM}'></video><figcaption>A leaf</figcaption></figure>",
            f"<figure>{VIDEO}<figcaption>A leaf</figcaption></figure>",
        ),
        (
            '<video src="https://x.example/a.mp4"></video>',
            '<p><a href="https://x.example/a.mp4">https://x.example/a.mp4</a></p>',
        ),
        ("![Far](https://x.example/a.mp4)", '<p><a href="https://x.example/a.mp4">Far</a></p>'),
    ],
)
def test_what_is_written_becomes_a_player(text, html):
    assert render_post(text) == html
    assert preview_post(text) == html


def test_title_is_a_word_of_the_text():
    assert plain_text(render_post(f"![Rain]({SOUND})")) == "Rain"


@every(
    ("text", "found"),
    [
        ('<video src="https://x.example/a.mp4"></video>', ["embed"]),
        ('<iframe src="https://x.example/"></iframe>', ["embed"]),
        ('<object data="//x.example/"></object>', ["embed"]),
        (f'<video><source src="{FILM}"><track src="/x.vtt"></video>', ["track"]),
        (f'<audio src="{SOUND}" controls></audio>\n\n![Rain]({SOUND})', []),
        (f"![]({SOUND})", []),
        ("`<iframe src='https://x.example/'>`", []),
    ],
)
def test_what_readers_do_not_get_is_named(text, found):
    assert [thing.kind for thing in things_to_look_at(text)] == found
