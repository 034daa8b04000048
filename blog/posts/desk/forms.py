"""The form of the desk: the text, its details, and the act of the button that sent it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.lib.slugs import MOST
from blog.posts.fields import SlugFormField
from blog.posts.models import Image, Post, Revision, Text
from blog.site.menus import MENUS

from .acts import ACTS, PUBLISHING, Act
from .fields import LanguageField, MomentField, TagsField
from .packing import pack, unpack

DATE = "published_at"
TEXT = ("title", "standfirst", "body", "tags", "slug", "lang")


class DeskForm(forms.ModelForm):
    """Turns an act into one verb of the essay, or says why it does not fit.

    `by` is the person who writes, `newest` the version that the form starts from; the admin sets
    both. Valid, `text` is what was written, and `takes_text` says whether the essay has it from now
    on; else it is kept as a version only.
    """

    by = newest = None
    # Whether it was shown as a page's, with the tick for comments that pages have.
    is_page = False

    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    standfirst = forms.CharField(
        label=_("Standfirst"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("One or two sentences under the title, in lists and in search results."),
    )
    body = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
    )
    tags = TagsField(label=_("Tags"), required=False, help_text=_("With commas between them."))
    slug = SlugFormField(
        label=pgettext_lazy("of a page", "Address"),
        max_length=MOST,
        required=False,
        help_text=_(
            "The last part of the address. Empty, it follows the title. Readers of the old address "
            "are sent on."
        ),
    )
    lang = LanguageField(
        label=_("Language"),
        help_text=_("Such as de, pt-BR or zh-Hant. Empty, it is the site’s."),
    )
    published_at = MomentField(label=_("Date"))
    picture = forms.ModelChoiceField(
        Image.objects.all(), label=_("Picture for sharing"), required=False
    )
    in_masthead = forms.BooleanField(label=_("In the masthead"), required=False)
    in_foot = forms.BooleanField(label=_("In the foot"), required=False)
    due_at = MomentField(label=pgettext_lazy("before a date to fill in", "Goes out on"))
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    base = forms.CharField(required=False, widget=forms.HiddenInput)
    sitting = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    class Meta:
        model = Post
        fields = ("picture", "comments_open", "notes", "announces_links", "author", "kind")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        post, newest = self.instance, self.newest
        text = newest.text if newest else Text.of(post)
        for name in TEXT:
            self.initial.setdefault(
                name, list(text.tags) if name == "tags" else getattr(text, name)
            )
        self.initial[DATE] = post.published_at
        due = Revision.objects.due(post).first() if post.pk else None
        self.initial["due_at"] = due and due.due_at
        if post.status == Post.Status.SCHEDULED:
            self.initial["due_at"] = post.published_at
        if "notes" in self.fields:
            self.fields["notes"].required = False  # a form from before there was a choice
        self.initial["version"] = newest.token if newest else ""
        self.initial["base"] = pack(text)
        if "in_foot" in self.fields and post.pk:
            self.initial |= post.ticked_menus

    @property
    def details(self):
        """The names of the fields below the fold, in their order."""
        order = ("standfirst", "slug", "tags", "lang", DATE, *self._meta.fields, *MENUS)
        return [name for name in order if name in self.fields]

    @property
    def act(self):
        return ACTS.get(self.data.get("act", ""), Act.SAVE)

    @property
    def started_as(self):
        """The text the form started from, or None where it does not say."""
        return unpack(self.data.get("base", ""))

    def clean(self):
        given = super().clean()
        if self.becomes_page(given) and "comments_open" not in self.changed_data:
            given["comments_open"] = False  # as pages are, unless it is ticked
        self.refuse_another_author()
        self.text = Text.cleaned(**{name: given.get(name) or "" for name in TEXT})
        if not {*TEXT} & {*self.errors}:
            # Readers of a published essay get another text only where that was asked for.
            self.takes_text = self.act in PUBLISHING or not self.instance.was_public
            self.do(given.get(DATE), given.get("due_at"))
            if self.takes_text:
                self.set_text()
        return given

    def becomes_page(self, given):
        is_new = not self.is_page and not self.instance.was_public
        return is_new and given.get("kind") == Post.Kind.PAGE

    def set_text(self):
        """Have the essay checked with the text; it is given the version of it once that is kept."""
        text, post = self.text, self.instance
        post.have_words(text)
        post.slug = post.slug_for(text)

    def do(self, date, due):
        """Change the state as the act says; the essay is saved later."""
        post, act = self.instance, self.act
        new_date = date if DATE in self.changed_data else None
        try:
            if act in (Act.PUBLISH, Act.BRING_BACK):
                self.publish(new_date)
            elif act == Act.SCHEDULE:
                self.check_due(due)
                post.schedule(due, commit=False)
            elif act == Act.SCHEDULE_CHANGES:
                self.check_due(due)
            elif act == Act.TO_DRAFT:
                post.return_to_draft(commit=False)
            elif act == Act.WITHDRAW:
                self.withdraw()
            elif act == Act.THROW_AWAY:
                post.check_can_be_thrown_away()
            elif act == Act.BY_DATE and DATE in self.changed_data:
                post.go_by_date(date, commit=False)
            elif DATE in self.changed_data and post.was_public:
                post.correct_date(date, commit=False)
        except ValidationError as error:
            self.add_error(None, error)

    def publish(self, date):
        if not self.text.title:
            raise ValidationError({"title": _now("Give it a title before readers see it.")})
        if date and date > timezone.now():
            said = _now("This date is to come. Choose “Schedule…” to publish it then.")
            raise ValidationError({DATE: said})
        self.instance.publish(date, commit=False)

    def check_due(self, due):
        if not self.text.title:
            raise ValidationError({"title": _now("Give it a title before readers see it.")})
        if due is None:
            raise ValidationError({"due_at": _now("Choose a date and a time.")})
        if due <= timezone.now():
            raise ValidationError({"due_at": _now("This time is past. Choose a later one.")})

    def withdraw(self):
        if not self.instance.was_public:
            raise ValidationError(
                _now("Readers have not seen it yet, so there is nothing to withdraw.")
            )
        self.instance.withdraw(commit=False)

    def refuse_another_author(self):
        """Refuse a form that names another author, sent by somebody who may not change authors."""
        named = self.data.get(self.add_prefix("author"))
        if self.by is None or self.by.has_perm("posts.change_author") or not named:
            return
        author = self.instance.author_id or self.by.pk
        if named != str(author):
            said = _now(
                "Only people who may change the author of an essay can give it to somebody else. "
                "Nothing was saved. Ask an editor."
            )
            self.add_error("author" if "author" in self.fields else None, said)
