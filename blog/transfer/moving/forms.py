"""The form by which a blog is sent: what it comes from, and its files."""

from pathlib import PurePath

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.listing import listed
from blog.media import parts
from blog.transfer.importers import IMPORTERS

from .models import Move, Parcel, TooMuch, place
from .tasks import enqueue

PACKED = (".zip", ".gz")


class SendForm(forms.Form):
    """Each file comes with the form, or came in parts before, and is then named by its key."""

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
        return given

    def take(self, name, endings, missing=""):
        """Look for a file in what came, and keep its parcel, or itself, in `cleaned_data`."""
        if key := self.cleaned_data.get(f"{name}_key"):
            found = Parcel.objects.filter(key=key, by=self.by, move=None).first()
            if found is None or not found.is_whole():
                said = _now("The file did not arrive whole. Send it again.")
                return self.add_error(name, said)
        else:
            found = self.cleaned_data.get(name)
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
        sent = {role: self.parcel(role) for role in (Parcel.BLOG, Parcel.FILES)}
        blog = sent[Parcel.BLOG]
        with transaction.atomic():
            move = Move.objects.create(
                kind=self.cleaned_data["kind"], by=self.by, name=blog.name, bytes=blog.bytes
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
