"""Whole comments, each said once: what the customers of Kestrel Ledger wrote lately.

Pure. `sentences` makes the mass of a year; these are what a reader of the
newest answers meets first. By survey kind and mood, in no order.
"""

from __future__ import annotations

VOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "good": (
            "The new bank feed is the first thing in years that made my Fridays shorter.",
            "Switched three of our four accounts to the new feed last week. Zero manual lines "
            "since. I keep waiting for the catch.",
            "Reconciliation used to be a whole evening with tea and swearing. Now just the tea ☕",
            "Matched 212 of 214 lines by itself and it was right about the two it asked me.",
            "I recommend you to every client with more than one bank account, since October "
            "without the usual footnotes.",
            "Our auditor asked which system we use because the bank file was so clean.",
            "Feeds are live by 7 each morning. I look at cash with my first coffee.",
            "I was about to leave in spring because of the bank connection. It has been solid "
            "since the change and we stay.",
            "It grows with us. Two people when we began, nineteen now, same ledger.",
            "Moved from a big name. Half the price, and a person answers.",
            "My partner, who fears spreadsheets, does the invoices now. That says it all.",
            "you fixed the thing i complained about in june. thank you for reading these!",
            "Quick, plain, and it does not try to sell me something on every screen.",
            "The payment link on invoices cut our waiting time from 31 days to 12.",
            "We run four shops on it. Month end is one afternoon instead of three days.",
            "Receipts by photo work even with the crumpled ones from the van.",
            "I hardly think about it, which is the best I can say of accounting software.",
            "VAT return: checked, sent, done before lunch.",
            "Love the keyboard shortcuts. Whoever made those does real bookkeeping.",
            "The new bank feed is brilliant. More of that please 🎉",
            "Solid. Would still like budgets, but I would not swap.",
            "Everyone in my business breakfast has heard about the matching by now. Sorry to them.",
            "I set the rules once in September and have not touched them since.",
            "Finally I see what we owe and what we are owed on one page.",
        ),
        "middle": (
            "Good product. The mobile app is a step behind the web version.",
            "Works well for one company. With three it is a lot of logging in and out.",
            "I like it, my accountant less so; the journal export needs fixing by hand.",
            "Bank feed is great now. Reports still feel like 2015.",
            "Fine for what we do. No idea whether we use half of it.",
            "Would be a nine with multi-currency invoices.",
            "Price went up again. Still fair, but do not make a habit of it.",
            "Since the new menu I need the search for everything. It finds things, so ok.",
            "Happy with the ledger, not with how long I wait when I write to you.",
            "Decent. Nothing that makes me talk about it at parties.",
            "it's ok, the invoices look a bit dated",
        ),
        "bad": (
            "Savings accounts are not in the new feed and nobody can say when. So we still type.",
            "Eleven days for an answer about a wrong opening balance. Eleven.",
            "You raised the price the week before the app was down for a day. Bad timing.",
            "I cannot recommend something that logs me out in the middle of a payroll run.",
            "Our bookkeeper left and nobody here can work out the menu without her.",
            "Multi-currency has been 'planned' since we signed up two years ago.",
            "The report my investors want cannot be built, so I pay for a second tool.",
            "One customer got four reminders for an invoice she had paid. I had to apologise, "
            "not you.",
            "Good idea, but too slow with 40,000 bookings. Every list takes ten seconds.",
            "We were promised a migration and got a CSV template.",
            "the export is broken AGAIN. third time this year",
            "Too expensive for a business our size and the small plan has been made smaller.",
            "I am tired of explaining the same problem from the start to a new person.",
            "Approval flow missing. With six people that is not a detail.",
        ),
    },
    "csat": {
        "good": (
            "Mei looked at my file, found the double booking and told me how it got there. "
            "Ten out of ten.",
            "Answer in twenty minutes on a Sunday. I did not even expect one.",
            "Owen wrote back with a short video made just for my case. Wow.",
            "Not the news I wanted (it is not possible yet) but a clear and honest answer.",
            "Solved on the phone, with patience, and I am not good at this.",
            "Priya noticed a second problem that I had not even seen. Thank you!",
            "Had to ask twice, but then it was done properly.",
            "Quick fix and a follow up the day after to see whether it held. It did.",
            "Clear steps, worked the first time.",
            "Lotte is a treasure, please keep her.",
            "Felt taken seriously. The refund was there the next morning.",
            "Good help once I got through.",
        ),
        "middle": (
            "Problem solved, though it took three mails to be understood.",
            "Friendly, but the answer was the article I had linked myself.",
            "In the end fine. The waiting was not.",
            "Half of it is fixed. I opened a new ticket for the rest.",
        ),
        "bad": (
            "Wrote on Monday, heard from you on Friday. By then the VAT deadline was gone.",
            "Six days. For a question that took one sentence to answer.",
            "The chat says 'usually replies within the hour'. It has been four days.",
            "Ticket closed as solved. Nothing is solved. Reopened, closed again.",
            "I liked that I always reached Karim. Now it is a queue and a different name each day.",
            "Every answer starts with thanking me for my patience. I have none left.",
            "Was told somebody would call back before noon. That was last Wednesday.",
            "You used to be the quick ones. What happened since the summer?",
            "Sent screenshots three times, was asked for screenshots a fourth time.",
            "The robot offered me an article about passwords. I asked about payroll.",
            "Still waiting 😕",
            "Nobody reads the history of the ticket, so I tell the same story again and again.",
            "Support has become the slow part of an otherwise quick product.",
            "No answer at all in the end, I found the fix in a forum.",
            "A week without reply during quarter close. We are a small firm, this hurts.",
            "Two people gave me two opposite answers, and I followed the wrong one.",
            "The person was kind. The five days before were not.",
            "Please put a phone number back on the site.",
            "Urgent means nothing, does it.",
        ),
    },
    "ces": {
        "good": (
            "Uploaded last year's file, it asked two questions, done. I was ready for a week of "
            "this.",
            "The checklist told me what to do next and was right each time.",
            "Signed up at nine, sent the first invoice at ten.",
            "Sam's setup call answered everything before I asked.",
            "The sample company was a good idea, I broke that one instead of ours.",
            "Connecting the bank took three clicks and a text message.",
            "Clear, no jargon, and it let me leave the chart of accounts for later.",
            "Our accountant got in without a call to anybody.",
        ),
        "middle": (
            "Easy enough, the opening balances made me think.",
            "Fine once I understood that customers and contacts are not the same.",
        ),
        "bad": (
            "I did not know which of the four import files was meant for me.",
            "The guide shows buttons that are not there any more.",
            "Stuck at the bank step, our bank asks for a code that never comes.",
            "Opening balances off by 1,310.40 and no hint where to look.",
            "Inviting my bookkeeper took longer than the whole rest.",
            "Too many settings on the first day. I want to write an invoice!",
        ),
    },
}
