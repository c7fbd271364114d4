"""The newsletter desk of the programme go-cluster.

The road of an item
    web/submit, web/api    a contributor hands in by form or JSON
    web/bring, brought     a file or a link fills the form; outside opens other people's pages
    feeds_in               members' feeds become suggestions on the cluster's own page
    submissions.ready      cleans and checks it, writes its letter; holds up nobody
    submissions.receive    in one short act: stores its first revision, posts the letter
    queue                  an editor accepts or declines it, newsletter by newsletter (clearance)
    issues.draft_due       twenty days before it leaves, an issue begins by itself
    issues.add, .fill      an accepted item gets a place in an issue; the place pins a revision
    stories                what may be shown again in a quiet month, and under which terms
    desk                   the two lines above on one screen, a key for each verb
    checks                 what is wrong, before a reader sees it
    web/preview, browser   every look of it, renewed with each change; pictures of all of them
    issues.request         rendering makes the edition: subject, html, text, and one content hash
    issues.approve         another person says yes to exactly these bytes
    issues.schedule        the issue waits for its time

The road of a letter
    schedule               the issue's time has come: scheduled -> opening
    dispatch.ledger        the audience is fixed: one row per reader, before anything is sent
    dispatch.engine        claim, compose, intend, carry, settle; letters first
    dispatch.message       edition + reader -> the bytes on the wire
    dispatch.courier       one message to one relay: Receipt, or Deferred / Refused / Unknown
    archive                the issue in the browser, from the moment its sending begins
    queue.take_down        what the law wants gone, gone from all that readers see
    portal                 its items by themselves: pages, search, what other sites fetch
    feeds                  the same for feed readers; queue.announced, the dates for calendars
    readers.unsubscribe    a person who leaves has left at once

Beside both roads
    logos                  who stands behind a newsletter, in the days that is printed
    looks                  template folders: made, checked, shown with the nastiest texts

Every verb takes an ``Act`` (history): a session, the settings, who acts, and the moment.
"""
