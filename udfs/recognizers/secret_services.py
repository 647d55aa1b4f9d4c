r"""Keys of services that give them no form of their own: what looks random next to the service's name.

Finds: the value of an assignment to a name that has the service's name in it: `fastly = "..."`, `OKTA_PROD: ...`.
Leaves alone: words, paths, addresses, references, versions, ids and hashes by name.
Check: shape, Shannon's entropy, and how much of the value is words (see `_secret_values`).
Reference: the services' documentation of their keys.
"""

from udfs.recognizers import _secret_values as values
from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers.secret_assignments import NOT

_SERVICES = """
adafruit adobe airbrake airtable algolia alibaba amplitude apify artifactory asana assemblyai atlassian auth0 beamer
bintray bitbucket bitfinex bitly bittrex blazemeter braintree browserstack bugsnag buildkite calendly censys circleci
clarifai clearbit clickup cloudflare cloudinary cloudsmith codacy codeclimate codecov cohere coinapi coinbase
confluence confluent contentful coveralls databricks datadog deepgram deepl deepseek digitalocean discord disqus
dockerhub doppler droneci dropbox dynatrace elevenlabs etherscan etsy eventbrite fastly figma finicity finnhub
firebase flickr flutterwave foursquare freshbooks freshdesk gitter gocardless grafana gumroad helpscout heroku hubspot
huggingface hunter infura instagram intercom ipstack jenkins jfrog jira jotform klaviyo kraken kucoin launchdarkly
linear linkedin mailchimp mailgun mailjet mandrill mapbox mapquest mattermost messagebird mixpanel nasdaq netlify
newrelic newsapi nexmo ngrok notion npm nytimes okta omnisend onesignal openai openweather opsgenie pagerduty paypal
paystack pinecone pipedrive plaid postman postmark pubnub pushbullet pushover quickbase rapidapi razorpay recaptcha
rollbar salesforce sauce segment sendbird sendgrid sendinblue sentry shodan shopify slack snowflake snyk sonarqube
sparkpost splunk spotify squarespace stripe sumologic telegram tomtom travis trello twilio twitch twitter typeform
unsplash uptimerobot vercel vimeo virustotal vonage wakatime weatherbit webex wepay xero yandex yelp youtube zapier
zendesk zerobounce zoho
"""
"""Services whose keys are plain base62 or hexadecimal. Names that are everyday words are left out."""
_NAMES = _SERVICES.split()
_PART = 40
"""Names in one pattern. With 80 the scan takes ten times as long, and an automaton of all is refused as too large."""
_ASSIGNED = r"[\"'\]\\]{0,3}[ \t]{0,8}(?:=>|:{0,3}={1,2}|[?+.]=|<-|:|,|>|\()[ \t]{0,8}\\?[\"'`]?"
_VALUE = r"(?P<value>[0-9A-Za-z][0-9A-Za-z_+/.:~-]{11,255}={0,2})(?=[\s\"'`<,;&\\)]|$)"


def _check(value: str) -> bool | None:
    if not any(map(str.isdigit, value)) and value.lower() == value:
        return False
    return values.bare_secret(value)


RECOGNIZERS = (
    Recognizer(
        "ServiceKey",
        "VENDOR_API_KEY",
        tuple(
            Pattern(
                "beside the service's name",
                rf"(?<![a-z0-9])(?:{'|'.join(part)}){NOT}[\w.-]{{0,80}}" + _ASSIGNED + _VALUE,
                0.5,
            )
            for part in (_NAMES[i : i + _PART] for i in range(0, len(_NAMES), _PART))
        ),
        check=_check,
        reference="https://docs.github.com/code-security/reference/secret-security/supported-secret-scanning-patterns",
    ),
)
