# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What banks call the columns and the lines around the table, in English, German, French, Spanish, Dutch and
Italian. Data, no rules: another name is one more entry.

Titles are compared by `plain`: lower case, without accents, punctuation and a currency at the end. Within a
role, an earlier name is preferred where a table has columns for several.
"""

import re
import unicodedata
from functools import lru_cache


def _names(text: str) -> tuple[str, ...]:
	return tuple(" ".join(name.split()) for name in text.split(";"))


#: Roles of columns with their names.
ROLES: dict[str, tuple[str, ...]] = {
	"date": _names(
		"""
		booking date; booked date; posting date; posted date; post date; date posted; buchungstag;
		buchungsdatum; buchung; datum buchung; date de comptabilisation; date comptable;
		date operation; date de l operation; date d operation; fecha contable; fecha de operacion;
		fecha operacion; f operacion; boekingsdatum; boekdatum; data contabile; data operazione;
		data registrazione; completed date; tran date; transaction date; txn date; trans date;
		entry date; date; datum; fecha; data; transactiedatum; date of transaction; belegdatum;
		umsatzdatum; kaufdatum; finished on; created on; started date; date time; timestamp
		"""
	),
	"value_date": _names(
		"""
		value date; valuta; valutadatum; wertstellung; wertstellungstag; wert; date de valeur;
		date valeur; fecha valor; f valor; rentedatum; data valuta; effective date; value dt;
		interest date; value dat
		"""
	),
	"amount": _names(
		"""
		amount in account currency; booking amount; net; net amount; amount; transaction amount;
		amount eur; betrag; umsatz; buchungsbetrag; betrag in kontowahrung; montant; importe; cantidad;
		bedrag; importo; value; transaction value; txn amount; total; amt; bedrag in rekeningvaluta;
		montant de l operation; importe de la operacion; source amount after fees
		"""
	),
	"debit": _names(
		"""
		debit; debit amount; withdrawal; withdrawals; withdrawal amt; withdrawal amount; paid out;
		money out; payments; soll; belastung; lastschrift; ausgabe; ausgang; sollbetrag; ausgaben;
		debit montant; montant debit; cargo; cargos; debe; gastos; af; debet; uitgaven; addebito;
		addebiti; dare; uscite; uscita; debits; dr; dr amount; debit euros; belastung in chf; lastschrift in chf; debit exchanged amount
		"""
	),
	"credit": _names(
		"""
		credit; credit amount; deposit; deposits; deposit amt; deposit amount; paid in; money in;
		receipts; haben; gutschrift; eingang; einnahme; einnahmen; habenbetrag; montant credit; abono;
		abonos; haber; ingresos; bij; inkomsten; accredito; accrediti; avere; entrate; entrata;
		credits; cr; cr amount; credit euros; gutschrift in chf; credit exchanged amount
		"""
	),
	"marker": _names(
		"""
		dr cr; cr dr; debit credit; credit debit; d c; c d; soll haben; s h; soll haben kennzeichen;
		soll haben kz; debit credit indicator; debit ou credit; sens; af bij; debet credit; dc; sh;
		credit debit indicator; dare avere; debe haber; direction; sign; indicator; code debit credit;
		transaction type; type; drcr; crdr; umsatztyp
		"""
	),
	"balance": _names(
		"""
		balance; running balance; account balance; closing balance; available balance; saldo;
		saldo nach buchung; running bal; saldo na trn; balance after transaction; saldo in chf; kontostand; solde; saldo contable; saldo na mutatie; saldo na boeking;
		saldo contabile; balance after; ledger balance; balance amt; bal; saldo disponible; disponible
		"""
	),
	"description": _names(
		"""
		description; details; narration; narrative; particulars; memo; transaction details;
		transaction description; payment details; remittance information; verwendungszweck;
		buchungstext; beschreibung; vorgang; text; umsatztext; vorgang verwendungszweck; bezeichnung;
		buchungsdetails; libelle; libelle operation; libelle simplifie; details de l ecriture;
		informations complementaires; concepto; descripcion; mas datos; omschrijving; mededelingen;
		mededeling; omschrijving 1; omschrijving 2; omschrijving 3; descrizione; causale;
		descrizione operazione; remarks; message; note; communication; description1; description2;
		description3; payment reference text; mededeling tegenpartij; zahlungszweck; remittance info;
		transaction remarks; appears on your statement as; avisierungstext; movimiento; observaciones; merchant; betreff
		"""
	),
	"reference": _names(
		"""
		reference; reference number; payment reference; customer reference; end to end id;
		kundenreferenz end to end; kundenreferenz; zahlungsreferenz; referenz; cheque number;
		cheque no; chqno; check number; check no; chq no; chq ref no; ref no cheque no; ref no; ref;
		belegnummer; numero de cheque; reference de l operation; referencia; referencia 1; kenmerk;
		betalingskenmerk; riferimento; check or slip; bank reference; cheque; invoice number;
		instrument id; sepa reference; n de reference; utr; chq ref number
		"""
	),
	# These two as banks of New Zealand have them. "Particulars" alone is what Indian banks call the description,
	# "Code" what Dutch ones call the kind of booking: both are chosen by hand.
	"particulars": _names("payment particulars; payee particulars"),
	"code": _names("analysis code; payment code; payee code"),
	"transaction_id": _names(
		"""
		transaction id; transaction number; transaction reference number; bank transaction id;
		entry reference; unique id; id; transaktionsnummer; transaktions id; umsatz id; transaction no;
		tran id; volgnr; transactiereferentie; numero de transaction; id transaccion; id transazione;
		fitid; transactionid; transferwise id; payment id; txn id; banking reference
		"""
	),
	"party_name": _names(
		"""
		payee; payer; counterparty; counter party; counterparty name; counter party name; party name;
		name; merchant name; auftraggeber empfanger; auftraggeber beguenstigter;
		auftraggeber begunstigter; beguenstigter zahlungspflichtiger; begunstigter zahlungspflichtiger;
		name zahlungsbeteiligter; zahlungsempfanger; empfanger; empfanger auftraggeber;
		zahlungsempfanger in; partnername; beneficiary; nom du beneficiaire; tiers; beneficiario;
		ordenante; naam tegenpartij; naam tegenrekening; naam omschrijving; tegenpartij; controparte;
		beneficiario ordinante; beneficiary name; partner name; name auftraggeber empfanger;
		payee name; naam; transaction partner; zahlungspartner; empfangername; remitter;
		tegenrekening naam
		"""
	),
	"party_iban": _names(
		"""
		counterparty iban; counter party iban; partner iban; party iban; iban zahlungsbeteiligter;
		iban des auftraggebers empfangers; iban auftraggeber empfanger; kontonummer iban;
		tegenrekening iban; tegenrekening iban bban; iban tegenpartij; iban controparte;
		iban beneficiaire; iban beneficiario; gegenkonto iban; beneficiary iban; tegenrekening;
		payee iban
		"""
	),
	"party_account": _names(
		"""
		counterparty account; counter party account; counterparty account number;
		partner account number; kontonummer; gegenkonto; konto empfanger; kontonummer bankleitzahl;
		tegenrekeningnummer; compte beneficiaire; cuenta beneficiario; rekening tegenpartij;
		beneficiary account; to account; party account; payee account number; contra account;
		contra account number
		"""
	),
	"own_account": _names(
		"""
		account number; account; account no; iban; own account; auftragskonto; iban auftragskonto;
		eigenes konto; rekening; rekeningnummer; iban bban; numero de compte; cuenta; conto;
		numero conto; kontonr; compte; account iban; eigene iban; bank account
		"""
	),
	"currency": _names(
		"""
		currency; ccy; curr; wahrung; waehrung; devise; divisa; moneda; valuta code; munt; muntsoort;
		valuta betrag; currency code; account currency; amount currency; transaction currency
		"""
	),
	"state": _names("state; status; info; buchungsstatus; estado; stato; statut"),
	"balance_marker": (),
	"fee": _names(
		"""
		fee; fees; charge; charges; gebuhr; gebuehr; gebuhren; entgelt; frais; comision; comisiones;
		kosten; commissione; commissioni; fee amount; total fees amount
		"""
	),
}
#: A table has a header only where these are found.
NEEDED = ("date",)
AMOUNT_ROLES = ("amount", "debit", "credit")

#: Titles of which the values must say whose account they name.
OPEN_ACCOUNT_TITLES = frozenset(
	("iban", "account", "account number", "account no", "konto", "compte", "conto")
)

#: Roles of which a table may have several columns, which are joined.
JOINED = ("description",)

DEBIT_MARKS = frozenset(
	_names(
		"""
		-; addebito; af; ausgang; belastung; cargo; d; dare; db; dbit; debe; debet; debit; debito;
		depense; dr; lastschrift; money out; out; paid out; s; soll; sortie; uitgave; uscita;
		withdrawal
		"""
	)
)
CREDIT_MARKS = frozenset(
	_names(
		"""
		+; abono; accredito; avere; bij; c; cr; crdt; credit; credito; deposit; eingang; entrata;
		entree; gutschrift; h; haben; haber; in; inkomst; kr; money in; paid in; recette
		"""
	)
)

#: What the state of a row says that is not booked, not yet or never.
NOT_BOOKED = frozenset(
	_names(
		"""
		pending; vorgemerkt; umsatz vorgemerkt; nicht gebucht; reverted; declined; denied; failed; cancelled;
		canceled; authorised; authorized; en attente; pendiente; in sospeso; in behandeling; rejected; expired
		"""
	)
)

#: What lines that are no bookings say.
OPENING_LABELS = _names(
	"""
	opening balance; balance brought forward; brought forward; previous balance; beginning balance;
	starting balance; start balance; anfangssaldo; alter kontostand; letzter kontostand; alter saldo; saldo alt;
	anfangsbestand; solde initial; solde precedent; ancien solde; saldo inicial; saldo anterior;
	beginsaldo; vorig saldo; saldo iniziale; saldo precedente; b f; startsaldo
	"""
)
CLOSING_LABELS = _names(
	"""
	closing balance; ending balance; end balance; balance carried forward; carried forward;
	new balance; endsaldo; neuer kontostand; neuer saldo; saldo neu; kontostand; endbestand;
	solde final; nouveau solde; saldo final; nuevo saldo; eindsaldo; nieuw saldo; saldo finale;
	nuovo saldo; current balance; c f; solde au; ledger balance
	"""
)
TOTAL_LABELS = _names(
	"""
	total; totals; grand total; sub total; subtotal; page total; summe; gesamt; gesamtsumme;
	zwischensumme; sous total; totaux; suma; totales; totaal; totale; total debits; total credits;
	statement summary; umsatzsumme; saldenubertrag; sum
	"""
)
#: Those that are taken for a balance even in a row with date and amount. "New Balance" also makes shoes.
SURE_LABELS = frozenset(
	_names(
		"""
		opening balance; closing balance; balance brought forward; balance carried forward; brought forward;
		carried forward; anfangssaldo; endsaldo; alter kontostand; neuer kontostand; alter saldo; neuer saldo;
		solde initial; solde final; saldo inicial; saldo final; saldo iniziale; saldo finale; beginsaldo; eindsaldo
		"""
	)
)
ACCOUNT_LABELS = _names(
	"""
	account number; account no; account; iban; konto; kontonummer; girokonto; auftragskonto;
	numero de compte; compte; cuenta; numero de cuenta; rekening; rekeningnummer; conto;
	numero conto; card number
	"""
)

CURRENCY_AT_END = re.compile(
	r" (?:in )?(?:euros?|eur|usd|gbp|chf|inr|aud|cad|sek|dkk|nok|pln|czk|huf|jpy|aed|zar|sgd|hkd|nzd|ron|tl)$"
)
WORDS = re.compile(r"[\W_]+")


def without_accents(text: str) -> str:
	decomposed = unicodedata.normalize("NFKD", text.casefold())
	return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=1_000)
def plain(title: str) -> str:
	"""Return a title as the names above are written."""
	words = " ".join(WORDS.sub(" ", without_accents(title[:200])).split())
	return CURRENCY_AT_END.sub("", words) or words


#: Name to (role, preference): a lower number is preferred.
BY_NAME: dict[str, tuple[str, int]] = {}
for _role, _titles in ROLES.items():
	for _preference, _title in enumerate(_titles):
		BY_NAME.setdefault(plain(_title), (_role, _preference))


#: What may follow a label: a date, with a preposition or a short name of the account.
AFTER_LABEL = re.compile(r"[0-9 ]+|(?:as of|per|vom|am|au|al|op|on|of|at|del|de|in|for|fur)(?: [\w ]{0,40})?")


#: What any of the labels begins with: a quick look before the exact one.
LABEL_START = re.compile(
	rf"\W*(?:{'|'.join(sorted({label.split()[0] for label in OPENING_LABELS + CLOSING_LABELS + TOTAL_LABELS}))})\b",
	re.IGNORECASE,
)


def may_be_label(text: str) -> bool:
	"""Whether a text begins with the first word of some label of a balance or total."""
	return bool(LABEL_START.match(text))


def is_label(text: str, labels: tuple[str, ...]) -> bool:
	"""Whether a text is one of the labels, or begins with one and goes on with a date only."""
	words = plain(text)
	return any(
		words == label
		or (words.startswith(f"{label} ") and bool(AFTER_LABEL.fullmatch(words[len(label) + 1 :])))
		for label in labels
	)
