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
abuseipdb accuweather adafruit adobe adzuna aeroworkflow agora airbrake airship airtable airvisual aiven algolia
alibaba alienvault allsports amadeus ambee amplitude apideck apiflash apify apilayer apimatic appcues appfollow
appointedd appsynergy apptivo artifactory asana assemblyai atera atlassian audd auth0 autodesk autoklose avaza
aviationstack axonaut aylien ayrshare bannerbear baremetrics baseapi beamer beebole besnappy besttime billomat bintray
bitbar bitbucket bitcoinaverage bitfinex bitly bitmex bittrex blablabus blazemeter blitapp blogger bombbomb boostnote
borgbase braintree brandfetch browserstack browshot bscscan bugherd bugsnag buildkite burpsuite buttercms caflou
calendarific calendly calorieninja campayn cannyio capsulecrm captaindata carboninterface cashboard caspio censys
centralstation cexio chartmogul checio checkvist circleci clarifai clearbit clickhelp clicksend clientary clockify
cloudelements cloudflare cloudimage cloudmersive cloudplan cloudsmith cloverly clustdoc codacy codeclimate codecov
codemagic codequiry coderpad cohere coinapi coinbase coinlayer coinlib commercejs companyhub confluence confluent
contentful convertkit convier couchbase countrylayer coveralls craftmypdf crowdin cryptocompare currencycloud
currencyfreaks currencylayer currencyscoop customerguru customerio d7network dailyco dareboost databox datadog datagov
debounce deepai deepgram deepl detectify detectlanguage dfuse diffbot diggernaut digicert discord disqus dnscheck
docparser documo dotdigital dovico dronahq droneci dropbox dwolla dynalist dyspatch eagleeye easyinsight ecostruxure
edamam edenai eightxeight elevenlabs enablex etherscan etsy eventbrite everhour exchangerate faceplusplus fastforex
fastly fastspring feedier fetchrss fibery figma fileio finage financialmodeling finicity finnhub fixerio flexport
flickr flightapi flightlabs flightstats flutterwave fmfw formbucket formcraft formsite foursquare frameio freshbooks
freshdesk fullstory fusebill gcnotify geckoboard gengo geoapify geocodify geocodio geoipifi getemail getgeoapi getgist
getresponse getsandbox ghostinspector giphy gitter gocanvas gocardless godaddy graphcms graphhopper groovehq gumroad
gyazo happyscribe heatmapapi hellosign helpcrunch helpscout heroku hiveage hotjar html2pdf hubspot huggingface hunter
hybiscus hypertrack iconfinder iexcloud imagekit imagga infura insightly instabot instamojo instatus intercom
interzoid intrinio invoiceocean ipapi ipgeolocation ipinfo ipquality ipstack jfrog jira jotform jumpcloud jumpseller
juro kairos kaleyra kickbox klaviyo klipfolio knapsack kontent kraken kucoin kylas lacework langsmith languagelayer
larksuite lastfm launchdarkly leadfeeder lemlist lendflow lessannoying lexigram linear linemessaging linenotify
linkedin linkpreview listennotes liveagent livestorm lob locationiq loggly loginradius logz lokalise loyverse
lunchmoney macaddress madkudu magicbell mailboxlayer mailchimp mailerlite mailgun mailjet mailsac mandrill mapbox
mapquest marketstack mattermost mavenlink maxmind meaningcloud mediastack meistertask meraki mesibo messagebird
metaapi metabase metrilo microcms midise mindmeister mixmax mixpanel mockaroo monkeylearn moonclerk moralis mrticktock
myfreshworks myintervals nasdaq netcore nethunt netlify netsuite newrelic newsapi newscatcher nexmo nftport ngrok
nicereply nitro noticeable notion nozbe npm numverify nutritionix nvapi nylas nytimes oanda okta omnisend onelogin
onepagecrm onesignal onfleet onwater oopspam opencage openuv openweather opsgenie optimizely overloop owlbot
packagecloud pagarme pagerduty pandadoc pandascore paperform paralleldots parsehub partnerstack paydirt paymoapp
paymongo paypal paystack pdflayer pdfshift peopledatalabs pepipost photoroom phraseaccess pinata pipedream pipedrive
pivotaltracker pixabay plaid planetscale planviewleankit pollsapi poloniex positionstack postageapi postbacks posthog
postman postmark powrbot privacy privacycloud privateai proabono prodpad prospectcrm prospectio proxycrawl pubnub
pulumi purestake pushbullet pusher pushover qase quaderno qualaroo qualtrics qubole quickbase quickbooks quickmetrics
rapidapi rawg razorpay reachmail readme rebrandly recaptcha rechargepayments recruitee redash refiner repairshopr
replicate requestfinance restpack revampcrm ringcentral ritekit rocketreach rollbar rownd runrunit salesblink
salescookie salesflare salesforce salesmate satismeter saucelabs scalewaykey scrapeowl scraperapi scraperbox
scrapestack scrapingant scrapingbee screenshotapi screenshotlayer scrutinizerci securitytrails selectpdf sendbird
sendbirdorganization sendgrid sendinblue sentry serpstack sessionize sheety sherpadesk shipday shodan shopify shortcut
shotstack shutterstock signalwire signaturit signupgenius sigopt simfin simplesat simplybook simvoly sinchmessage sirv
siteleaf skrapp skybiometry slack smartsheets smartystreets smooch snipcart snowflake snyk solcast sonarcloud
sourcegraph sparkpost speechtext splunk spoonacular sportsmonk spotify squarespace squareup sslmate statuscake
statuspage statuspal stitchdata stockdata storecove stormboard stormglass storyblok storychief stripe stripo stytch
sugester sumologic supernotes surveyanyplace surveybot surveysparrow survicate tallyfy tatumio taxjar teamgate
technicalanalysis tefter teletype telnyx testingbot textmagic theoddsapi thinkific thousandeyes tickertape
ticketmaster tiingo timecamp timezoneapi tineswebhook tly todoist toggltrack tomorrowio tomtom travelpayouts travisci
trello twelvedata twilio twitch twitter tyntec typeform typetalk ubidots uclassify unsplash upcdatabase uplead
uploadcare uptimerobot upwave urlscan userflow userstack vagrantcloud vatlayer vbout vercel verimail veriphone
versioneye viewneo vimeo virustotal voodoosms vpnapi vultr vyte walkscore wandb weatherbit weatherstack web3storage
webex webflow webscraper webscraping websitepulse wepay whoxy witai woorank workstack worldcoinindex wrike xero yandex
yelp yext youneedabudget yousign zapier zendesk zenkit zenscrape zenserp zeplin zerobounce zerotier zipapi zipbooks
zipcodeapi zipcodebase zoho zonkafeedback zulip
"""
"""Services whose keys are plain base62 or hexadecimal. Names that are everyday words are left out."""
_NAME = "(?:" + "|".join(_SERVICES.split()) + ")"
_ASSIGNED = r"[ \t]{0,8}(?:=>|:{0,3}={1,2}|[?+.]=|<-|:|,|>|\()[ \t]{0,8}\\?[\"'`]?"
_VALUE = r"(?P<value>[0-9A-Za-z][0-9A-Za-z_+/.:~-]{11,255}={0,2})(?=[\s\"'`<,;&\\)]|$)"
_NEAR = (
    r"(?![^\r\n]{0,40}(?:sha\d|hash|commit|digest|md5|\brev|checksum|integrity|version|image|public|://))"
    r"[^\r\n]{0,40}?[\s=:\"'`(,>]"
    r"(?P<value>[0-9A-Za-z][0-9A-Za-z_+/~-]{18,255}={0,2})(?=[\s\"'`<,;&\\)]|$)"
)


def _check(value: str) -> bool | None:
    if not any(map(str.isdigit, value)) and value.lower() == value:
        return False
    return values.bare_secret(value)


RECOGNIZERS = (
    Recognizer(
        "ServiceKey",
        "VENDOR_API_KEY",
        (
            Pattern(
                "beside the service's name",
                r"(?<![a-z0-9])" + _NAME + NOT + r"[\w.-]{0,24}[\"'\]\\]{0,3}" + _ASSIGNED + _VALUE,
                0.5,
            ),
            Pattern("near the service's name", r"(?<![a-z0-9])" + _NAME + _NEAR, 0.4),
        ),
        check=_check,
        reference="https://docs.github.com/code-security/reference/secret-security/supported-secret-scanning-patterns",
    ),
)
