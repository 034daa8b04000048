"""Walks all constraints of our models, and the forms that can meet them."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import connection, models
from django.test import RequestFactory

from blog.lib.constraints import GONE, STILL_USED, has_sentence
from blog.lib.readonly import ReadOnly
from comments.admin.mail import ChoiceForm
from comments.models import MailChoice

# Constraints that no form can meet, because the code alone sets what they are about.
BY_CODE_ALONE = {
    "posts.SearchEntry.search_entry_once": "written by update_or_create",
    "posts.CommonWord.word": "the database counts each word once",
    "posts.SearchWords.entry": "written with its entry, which is locked",
    "posts.SearchWords.place": "made of the entry's number",
    "oidc.Identity.identity_once": "joining refuses the second of two at once with a sentence",
    "oidc.Identity.identity_of_account_once": "as above",
    "posts.Profile.user": "written by update_or_create",
    "posts.Presence.presence_once_a_tab": "written by update_or_create",
    "posts.FileUse.file_use_once": "written as an essay is saved, which locks it",
    "posts.OldTagSlug.slug": "kept as a tag is saved, in its transaction",
    "posts.FeedIdentity.name": "migrating writes them, once",
    "posts.Post.feed_id": "a random UUID, or what the import looked for first",
    "posts.Tag.feed_id": "a random UUID",
    "posts.Post.origin": "the import looks for it first, in its transaction",
    "comments.Comment.origin": "the import looks for it first, in its transaction",
    "comments.Comment.comment_passage_state_known": "found by the code",
    "comments.Comment.comment_place_needs_passage": "found by the code",
    "comments.AddressUse.address_used_by_browser": "written by get_or_create",
    "comments.DraftNote.draft_note_has_words_or_answers": "the verbs set them",
    "comments.DraftNote.draft_note_passage_is_short": "cut by the choice of words",
    "comments.DraftNote.draft_note_passage_state_known": "found by the code",
    "comments.DraftNote.draft_note_place_needs_passage": "found by the code",
    "comments.DraftNote.draft_note_said_once": "looked for under the lock of its essay",
    "comments.DraftNote.draft_note_says_something": "the form asks for it",
    "comments.DraftNote.draft_note_status_known": "set from Status",
    "comments.DraftNote.draft_note_taken_is_taken": "the verb sets both",
    "comments.FilterToken.key": "written ignoring conflicts",
    "comments.Lesson.comment": "a lesson's comment is locked while it is learned",
    "comments.Linkback.comment": "set under the turn of its essay",
    "comments.Linkback.linkback_once_per_post": "looked for under the turn of its essay",
    "comments.Linkback.linkback_protocol_known": "each address of ours sets its own protocol",
    "comments.Linkback.linkback_state_known": "set from State",
    "comments.Linkback.token": "256 random bits",
    "comments.LinkedPage.linked_page_once": "kept by the job that reads an essay's links",
    "comments.LinkedPage.linked_page_waiting_is_due": "the verbs set both",
    "comments.Mail.mail_sent_once": "written by get_or_create",
    "comments.MailAddress.email": "written by get_or_create",
    "comments.MailChoice.user": "written by update_or_create",
    "comments.RateEvent.rate_event_kind_known": "set from Kind",
    "comments.Subscription.subscribed_once": "written by get_or_create",
    "comments.ThreadLine.comment": "written under the lock of its essay",
    "comments.ThreadPage.thread_page_once": "written under the lock of its essay",
    "accounts.RecoveryCode.recovery_code_once": "80 random bits",
    "jobs.Job.id": "a random UUID",
    "posts.SharedDraft.shared_draft_notes_known": "each button sets its own",
    "posts.SharedDraft.token": "128 random bits",
    "posts.Forward.path": "written by get_or_create",
    "posts.Recording.file": "written by get_or_create",
    "posts.Recording.recording_is_not_empty": "a cleaned file has frames",
    "posts.Upload.key": "128 random bits",
    "posts.Upload.upload_becomes_one_thing": "the verb sets one of them",
    "posts.Upload.upload_is_not_empty": "the view refuses an empty file",
    "jobs.Sign.name": "written by update_or_create",
    "comments.Unplaced.origin": "what is kept already is not kept again",
    "comments.Unplaced.unplaced_status_known": "importers set it from Status",
    "comments.Unplaced.unplaced_has_words": "what has no words is left out",
    "moving.Move.move_one_at_a_time": "begin() catches it, and waits",
    "moving.Move.move_state_known": "set from State",
    "moving.Parcel.key": "128 random bits",
    "moving.Parcel.parcel_is_not_empty": "the form refuses an empty file",
    "moving.Parcel.parcel_once_in_a_role": "the form sets each once",
}
# Models that have no form at all.
WITHOUT_FORM = {
    "posts.Forward": "kept by imports",
    "posts.OldAddress": "kept as essays move; their page only deletes them",
    "posts.OldTagSlug": "kept as tags are saved",
    "posts.Revision": "kept as essays are saved",
    "posts.FeedIdentity": "written by migrating",
    "posts.FileUse": "noted as essays are saved",
    "posts.Profile": "one page, everybody's own",
    "accounts.Invitation": "one page, which makes them",
    "oidc.Identity": "joined as people sign in",
    "posts.Presence": "reported by the desk while it is open",
    "posts.SharedDraft": "made and revoked by a button",
    "posts.Upload": "a file on its way to the desk",
    "posts.CommonWord": "counted by the worker",
    "posts.SearchWords": "kept as search entries are saved",
    "posts.SearchEntry": "kept as essays and comments are saved",
    "comments.AddressUse": "which browser may use an address",
    "comments.Call": "a call to another site, as it is counted",
    "comments.DraftNote": "left by a page of its own, dealt with by buttons",
    "comments.FilterToken": "what the filter has learned",
    "comments.Lesson": "what the filter has learned",
    "comments.Linkback": "received from other sites",
    "comments.LinkedPage": "found in essays; a page of buttons",
    "comments.Look": "when a job looked at another site",
    "comments.Mail": "only to be looked at",
    "comments.MailAddress": "given in a comment's form",
    "comments.ModerationEvent": "only to be looked at",
    "comments.RateEvent": "what the rates counted",
    "comments.Subscription": "asked for in a comment's form",
    "comments.ThreadLine": "where each comment stands in its thread",
    "comments.ThreadPage": "rendered threads",
    "jobs.Job": "only to be looked at, and tried again",
    "jobs.Sign": "signs of life",
    "accounts.Attempt": "only to be looked at",
    "site.SiteVersion": "kept as the site's settings are saved",
    "accounts.RecoveryCode": "made by the site",
    "comments.Unplaced": "a page of buttons",
    "moving.Move": "one page, which takes files",
    "moving.Parcel": "a file on its way here",
    "moving.Line": "what an import says",
}


def our_models():
    labels = [
        config.label
        for config in apps.get_app_configs()
        if config.name == "comments" or config.name.split(".")[0] == "blog"
    ]
    return [model for model in apps.get_models() if model._meta.app_label in labels]


def forms_of(model, user):
    """Return the classes of the forms in which somebody who may do everything changes a model."""
    found = admin.site._registry.get(model)
    if found is None or isinstance(found, ReadOnly):
        # One page, with a form of its own, about the person alone.
        return [ChoiceForm] if model is MailChoice else []
    request = RequestFactory().get("/")
    request.user, request.session = user, {}
    return [
        found.get_form(request, obj, fields=flatten_fieldsets(found.get_fieldsets(request, obj)))
        for obj in (None, model())
    ]


def sentence_of_field(field, forms, refusal):
    """Return what a form says where a field is refused; a reason where no form has the field."""
    found = [form.base_fields[field.name] for form in forms if field.name in form.base_fields]
    return refusal(found[0]) if found else "– no form has this field"


def where_empty(field):
    return str(field.error_messages["required"])


def where_too_large(field):
    for validator in field.validators:
        if hasattr(validator, "limit_value"):
            given = {"limit_value": validator.limit_value, "show_value": "…"}
            return str(validator.message % given)
    return str(field.error_messages.get("invalid_choice") or field.error_messages["invalid"])


def walk(user):
    """Return each constraint by its name, with its sentence or the reason why it needs none."""
    found = {}
    for model in our_models():
        label, forms = model._meta.label, forms_of(model, user)
        for constraint in model._meta.constraints:
            has = has_sentence(constraint)
            found[f"{label}.{constraint.name}"] = (
                constraint.get_violation_error_message() if has else None
            )
        for fields in model._meta.unique_together:
            found[f"{label}.{'+'.join(fields)}"] = None
        for field in model._meta.concrete_fields:
            name = f"{label}.{field.name}"
            if field.unique and not (field.primary_key and field.auto_created):
                said = field.error_messages["unique"]
                own = said != models.Field.default_error_messages["unique"]
                found[name] = str(said) if own else None
            if field.is_relation:
                found[f"{name} leads to a row"] = str(GONE)
                if field.remote_field.on_delete in (models.PROTECT, models.RESTRICT):
                    found[f"{name} is still needed"] = str(STILL_USED)
            if field.db_check(connection) or field.max_length:
                found[f"{name} fits"] = sentence_of_field(field, forms, where_too_large)
            if not field.null and not field.primary_key:
                found[f"{name} is there"] = sentence_of_field(field, forms, where_empty)
    return found
