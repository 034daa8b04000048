"""The form by which a blog is sent: what it comes from, and its files."""

import re
from pathlib import PurePath

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.lines import Lines
from blog.lib.listing import listed
from blog.media import parts
from blog.transfer.folders.values import zone_of
from blog.transfer.importers import IMPORTERS
from blog.transfer.old_site import split

from .models import Move, Parcel, TooMuch, place
from .tasks import enqueue

PACKED = (".zip", ".gz")
TABLES = (".csv", ".tsv", ".txt")
LONGEST_HOST = 259  # RFC 1035 has 253 for a name, and a port has five digits
# A name in any script, or an address of IPv6, and perhaps a port.
HOST = re.compile(r"(?:[\w-]+(?:\.[\w-]+)*\.?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


class SendForm(forms.Form):
    """Each file comes with the form, or came in parts before, and is then named by its key.

    What a file leaves open is asked under the names that importers have for it.
    """

    kind = forms.ChoiceField(
        label=_("It comes from"),
        choices=lambda: [(kind, each.name) for kind, each in IMPORTERS.items()],
    )
    blog = forms.FileField(label=_("Its file"), required=False, allow_empty_file=True)
    blog_key = forms.CharField(required=False, max_length=32)
    files = forms.FileField(
        label=_("Its pictures"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "Of WordPress and Ghost, whose exports do not hold them: wp-content/uploads or"
            " content, packed as .zip."
        ),
    )
    files_key = forms.CharField(required=False, max_length=32)
    hosts = forms.CharField(
        label=_("Other hosts it had"),
        required=False,
        max_length=5000,
        widget=Lines(attrs={"rows": 2, "cols": 40, "dir": "ltr"}),
        help_text=_(
            "For comments: each host on a line of its own, such as old.example.com. This site’s own"
            " and those of blogs that were brought here are known."
        ),
    )
    table = forms.FileField(
        label=_("A table of old addresses"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "For comments and Blogger: a CSV with the columns old and new that says which essay"
            " here an old address was."
        ),
    )
    table_key = forms.CharField(required=False, max_length=32)
    url = forms.URLField(
        label=_("Where it was read"),
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"dir": "ltr"}),
        help_text=_(
            "For Blogger and Movable Type: the address of the blog, if its file does not say it."
        ),
    )
    permalink = forms.CharField(
        label=_("How its addresses were made"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        help_text=_(
            "For Movable Type: a pattern such as /blog/%y/%m/%-f. Without it the usual addresses"
            " lead on."
        ),
    )
    time_zone = forms.CharField(
        label=_("The time zone of its dates"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        help_text=_("For Movable Type, if it is not this site’s: a name such as Europe/Paris."),
    )
    encoding = forms.CharField(
        label=_("The encoding of its file"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        help_text=_(
            "For Movable Type, if it is neither UTF-8 nor Windows-1252: a name such as shift_jis."
        ),
    )
    OPEN = ("hosts", "table", "url", "permalink", "time_zone", "encoding")

    def __init__(self, *given, by, **named):
        super().__init__(*given, **named)
        self.by = by
        if not any(each.takes_files for each in IMPORTERS.values()):
            del self.fields["files"], self.fields["files_key"]

    def clean(self):
        given = super().clean()
        importer = IMPORTERS.get(given.get("kind"))
        if importer is None:
            return given
        endings = (".zip",) if importer.takes_folder else (*importer.endings, *PACKED)
        self.take("blog", endings, _now("Choose its file."))
        if "files" in self.fields:
            self.take("files", (".zip",))
        self.take("table", TABLES)
        for name in self.OPEN:
            if self.cleaned_data.get(name) and name not in importer.asks:
                said = _now("%(kind)s does not need it. Leave it empty.")
                self.add_error(name, said % {"kind": importer.name})
        return given

    def clean_hosts(self):
        """Return the hosts, also those of whole addresses."""
        hosts = []
        for said in self.cleaned_data["hosts"].replace(",", " ").split():
            host = split(said if "//" in said else f"//{said}").netloc
            if len(host) > LONGEST_HOST or not HOST.fullmatch(host):
                wrong = _now("“%(host)s” is not a host. Write it as old.example.com.")
                raise forms.ValidationError(wrong % {"host": said[:80]})
            hosts.append(host)
        return hosts

    def clean_time_zone(self):
        name = self.cleaned_data["time_zone"]
        if name and zone_of(name) is None:
            said = _now("“%(name)s” is not a time zone. Name one such as Europe/Paris.")
            raise forms.ValidationError(said % {"name": name})
        return name

    @property
    def arrived(self):
        """What came in parts before and can be taken as it is, by its field."""
        given = getattr(self, "cleaned_data", {})
        return {role: given[role] for role in Parcel.ROLES if isinstance(given.get(role), Parcel)}

    @property
    def open_fields(self):
        return [self[name] for name in self.OPEN]

    @property
    def asks_more(self):
        """Whether any of what a file may leave open was said, or is wrong."""
        return any(field.errors or field.value() for field in self.open_fields)

    def take(self, name, endings, missing=""):
        """Look for a file in what came, and keep its parcel, or itself, in `cleaned_data`."""
        found = self.cleaned_data.get(name)
        if found is None and (key := self.cleaned_data.get(f"{name}_key")):
            found = Parcel.objects.filter(key=key, by=self.by, move=None).first()
            if found is None or not found.is_whole():
                said = _now("The file did not arrive whole. Send it again.")
                return self.add_error(name, said)
        self.cleaned_data[name] = found
        if found is None:
            return missing and self.add_error(name, missing)
        if not found.name.lower().endswith(endings):
            said = _now("“%(name)s” is none of these: %(endings)s.")
            given = {"name": found.name, "endings": listed(endings)}
            return self.add_error(name, said % given)
        if not getattr(found, "size", 1):
            return self.add_error(name, _now("“%(name)s” is empty.") % {"name": found.name})
        return None

    def save(self):
        """Return a new Move, and have a worker read it; raises TooMuch and OSError."""
        sent = {role: self.parcel(role) for role in Parcel.ROLES}
        blog, given = sent[Parcel.BLOG], self.cleaned_data
        how = {name: given[name] for name in self.OPEN if name != Parcel.TABLE and given[name]}
        with transaction.atomic():
            move = Move.objects.create(
                kind=given["kind"], how=how, by=self.by, name=blog.name, bytes=blog.bytes
            )
            for role, parcel in sent.items():
                if parcel:
                    Parcel.objects.filter(pk=parcel.pk).update(move=move, role=role)
            enqueue(move)
        return move

    def parcel(self, role):
        found = self.cleaned_data.get(role)
        if found is None or isinstance(found, Parcel):
            return found
        parcel = begun(found.name, found.size, self.by)
        at = 0
        while piece := found.read(parts.MOST):
            parts.keep(place(parcel.key), at, piece)
            at += len(piece)
        return parcel


def begun(name, size, by):
    """Return a new parcel for a file; raises TooMuch, also for a file that is too large."""
    name, most = PurePath(name).name or _now("file"), settings.RECORDING_MB
    if not size:
        raise TooMuch(_now("“%(name)s” is empty.") % {"name": name})
    if size > most * 1_000_000:
        said = _now(
            "“%(name)s” has %(size)d MB; the limit is %(most)d MB. "
            "Pack it, or import it by command."
        )
        raise TooMuch(said % {"name": name, "size": size / 1e6, "most": most})
    return Parcel.objects.begin(name, size, by)
