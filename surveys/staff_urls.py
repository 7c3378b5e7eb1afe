"""Staff pages of asking; included under /admin/ in the namespace "staff"."""

from django.urls import path, re_path

from surveys.staff import (
    campaign_pages,
    connector_pages,
    contact_list,
    contact_pages,
    key_pages,
    language_pages,
    mail_pages,
    preview_pages,
    question_pages,
    rules_page,
    segment_pages,
    send_pages,
    sharing_pages,
    survey_pages,
    upload_pages,
)

urlpatterns = [
    path("ask/surveys/", survey_pages.surveys, name="surveys"),
    path("ask/surveys/new/", survey_pages.new_survey, name="survey-new"),
    path("ask/surveys/<slug:slug>/edit/", survey_pages.edit, name="survey-edit"),
    path("ask/surveys/<slug:slug>/preview/", preview_pages.preview, name="survey-preview"),
    path("ask/surveys/<slug:slug>/live/", survey_pages.go_live, name="survey-live"),
    path("ask/surveys/<slug:slug>/close/", survey_pages.close_survey, name="survey-close"),
    path("ask/surveys/<slug:slug>/copy/", survey_pages.copy_survey, name="survey-copy"),
    path("ask/surveys/<slug:slug>/delete/", survey_pages.delete_draft, name="survey-delete"),
    path("ask/surveys/<slug:slug>/questions/", question_pages.questions, name="survey-questions"),
    path(
        "ask/surveys/<slug:slug>/questions/new/", question_pages.new_question, name="question-new"
    ),
    path(
        "ask/surveys/<slug:slug>/questions/<int:question_id>/",
        question_pages.edit_question,
        name="question-edit",
    ),
    path(
        "ask/surveys/<slug:slug>/questions/<int:question_id>/move/",
        question_pages.move_question,
        name="question-move",
    ),
    path(
        "ask/surveys/<slug:slug>/questions/<int:question_id>/remove/",
        question_pages.remove_question,
        name="question-remove",
    ),
    path(
        "ask/surveys/<slug:slug>/questions/<int:question_id>/back/",
        question_pages.bring_back_question,
        name="question-back",
    ),
    path("ask/surveys/<slug:slug>/languages/", language_pages.languages, name="survey-languages"),
    path(
        "ask/surveys/<slug:slug>/languages/<str:code>/",
        language_pages.language,
        name="survey-language",
    ),
    path("ask/surveys/<slug:slug>/sharing/", sharing_pages.share_links, name="share-links"),
    re_path(
        "^ask/surveys/(?P<slug>[-a-zA-Z0-9_]+)/sharing/new-(?P<channel>link|widget)/$",
        sharing_pages.new_share_link,
        name="share-link-new",
    ),
    path(
        "ask/surveys/<slug:slug>/sharing/<int:link_id>/",
        sharing_pages.share_link,
        name="share-link",
    ),
    path(
        "ask/surveys/<slug:slug>/sharing/<int:link_id>/switch/",
        sharing_pages.switch,
        name="share-switch",
    ),
    path(
        "ask/surveys/<slug:slug>/sharing/<int:link_id>/poster/",
        sharing_pages.poster,
        name="share-poster",
    ),
    path(
        "ask/surveys/<slug:slug>/sharing/<int:link_id>/code.svg",
        sharing_pages.code,
        name="share-code",
    ),
    path("ask/surveys/<slug:slug>/send/", send_pages.send, name="send"),
    path("ask/surveys/<slug:slug>/send/people/", send_pages.people, name="send-people"),
    path("ask/surveys/<slug:slug>/send/test/", send_pages.test, name="send-test"),
    path("ask/campaigns/", campaign_pages.campaigns, name="campaigns"),
    path("ask/campaigns/new/", send_pages.new_campaign, name="campaign-new"),
    path("ask/campaigns/<int:campaign_id>/", campaign_pages.campaign, name="campaign"),
    path("ask/campaigns/<int:campaign_id>/pause/", campaign_pages.pause, name="campaign-pause"),
    path("ask/campaigns/<int:campaign_id>/resume/", campaign_pages.resume, name="campaign-resume"),
    path("ask/rules/", rules_page.rules, name="asking-rules"),
    path("ask/campaigns/<int:campaign_id>/cancel/", campaign_pages.cancel, name="campaign-cancel"),
    path("ask/campaigns/<int:campaign_id>/decide/", campaign_pages.decide, name="campaign-decide"),
    path("ask/mails/", mail_pages.mails, name="mails"),
    path("ask/mails/decide/", mail_pages.decide, name="mail-decide"),
    path("ask/mails/resume/<int:stop_id>/", mail_pages.resume, name="mail-resume"),
    path("ask/mails/again/", mail_pages.try_again, name="jobs-again"),
    path("ask/uploads/", upload_pages.uploads_page, name="uploads"),
    path("ask/uploads/<int:upload_id>/", upload_pages.upload, name="upload"),
    path("ask/uploads/<int:upload_id>/stop/", upload_pages.stop_upload, name="upload-stop"),
    path("ask/uploads/<int:upload_id>/retry/", upload_pages.retry_upload, name="upload-retry"),
    path(
        "ask/uploads/<int:upload_id>/discard/", upload_pages.discard_upload, name="upload-discard"
    ),
    path(
        "ask/uploads/<int:upload_id>/refused.csv", upload_pages.refused_rows, name="upload-refused"
    ),
    path("ask/segments/", segment_pages.segments, name="segments"),
    path("ask/segments/new/", segment_pages.new_segment, name="segment-new"),
    path("ask/segments/<int:segment_id>/", segment_pages.edit_segment, name="segment-edit"),
    path(
        "ask/segments/<int:segment_id>/delete/", segment_pages.remove_segment, name="segment-delete"
    ),
    path("ask/contacts/", contact_list.contacts, name="contacts"),
    path("ask/contacts/export.csv", contact_list.export, name="contacts-export"),
    path("ask/contacts/<int:contact_id>/", contact_pages.contact, name="contact"),
    path("ask/contacts/<int:contact_id>/stop/", contact_pages.stop_mail, name="contact-stop"),
    path("ask/contacts/<int:contact_id>/allow/", contact_pages.allow_mail, name="contact-allow"),
    path("ask/connectors/", connector_pages.connectors_page, name="connectors"),
    path("ask/connectors/new/", connector_pages.new, name="connector-new"),
    path("ask/connectors/<int:connector_id>/", connector_pages.edit, name="connector"),
    path("ask/connectors/<int:connector_id>/try/", connector_pages.try_out, name="connector-try"),
    path("ask/connectors/<int:connector_id>/do/", connector_pages.act, name="connector-do"),
    path("ask/keys/", key_pages.keys, name="keys"),
    path("ask/keys/<int:key_id>/revoke/", key_pages.revoke_key, name="key-revoke"),
]
