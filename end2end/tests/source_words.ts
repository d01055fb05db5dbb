/** The instructions of the sources, word for meaning, as the manager of the dossier "Client CASE" must read them: written
 *  out, so that a wrong text in the catalogue, or a value that is not filled in, is found. */

export const LANGUAGES = ["en", "nl", "nb", "da", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Words {
  title: string;
  cause: string;
  steps: string[];
  escalate?: string;
}

/** The status that asks an employee to act. */
export const ACT: Record<Language, string> = {
  en: "Action employee required", nl: "Actie medewerker vereist", nb: "Handling kreves av medarbeider", da: "Handling påkrævet af medarbejder", fr: "Action requise du collaborateur",
};

export const SOURCE_WORDS: Record<string, Record<Language, Words>> = {
  "exact_online.dossier_access_missing": {
    en: {
      title: "Give the connector user access to Client CASE",
      cause: "The dossier cannot be set up because our user has no rights to it in Exact Online yet.",
      steps: [
        "In Exact Online, open the user rights of connector@halden-vos.example.",
        "Add dossier Client CASE.",
        "Come back here and restart the task.",
      ],
    },
    nl: {
      title: "Geef de connectorgebruiker toegang tot Client CASE",
      cause: "Het dossier kan niet aangemaakt worden: onze gebruiker heeft in Exact Online nog geen rechten op dit dossier.",
      steps: [
        "Open in Exact Online de gebruikersrechten van connector@halden-vos.example.",
        "Voeg dossier Client CASE toe.",
        "Kom terug naar dit scherm en start de taak opnieuw.",
      ],
    },
    nb: {
      title: "Gi koblingsbrukeren tilgang til Client CASE",
      cause: "Klientmappen kan ikke opprettes fordi brukeren vår ikke har rettigheter til den i Exact Online ennå.",
      steps: [
        "Åpne brukerrettighetene til connector@halden-vos.example i Exact Online.",
        "Legg til klientmappen Client CASE.",
        "Kom tilbake hit og start oppgaven på nytt.",
      ],
    },
    da: {
      title: "Giv forbindelsesbrugeren adgang til Client CASE",
      cause: "Klientmappen kan ikke oprettes, fordi vores bruger endnu ikke har rettigheder til den i Exact Online.",
      steps: [
        "Åbn brugerrettighederne for connector@halden-vos.example i Exact Online.",
        "Tilføj klientmappen Client CASE.",
        "Kom tilbage hertil, og start opgaven igen.",
      ],
    },
    fr: {
      title: "Donnez à l’utilisateur du connecteur l’accès à Client CASE",
      cause: "Le dossier ne peut pas être créé : notre utilisateur n’a pas encore de droits sur ce dossier dans Exact Online.",
      steps: [
        "Dans Exact Online, ouvrez les droits de connector@halden-vos.example.",
        "Ajoutez le dossier Client CASE.",
        "Revenez ici et relancez la tâche.",
      ],
    },
  },
  "wings.database_version_outdated": {
    en: {
      title: "Upgrade the database of Client CASE",
      cause: "This dossier still uses an older Wings database structure, so we cannot write to it.",
      steps: [
        "In Wings, go to Beheer, then Updaten dossiers.",
        "Upgrade Client CASE (CASE).",
        "Come back here and restart the task.",
      ],
    },
    nl: {
      title: "Werk de database van Client CASE bij",
      cause: "Dit dossier gebruikt nog een oudere Wings-databasestructuur. Daardoor kunnen we er niet in boeken.",
      steps: [
        "Ga in Wings naar Beheer en daarna naar Updaten dossiers.",
        "Werk Client CASE (CASE) bij.",
        "Kom terug naar dit scherm en start de taak opnieuw.",
      ],
    },
    nb: {
      title: "Oppgrader databasen til Client CASE",
      cause: "Klientmappen bruker en eldre Wings-databasestruktur, så vi kan ikke skrive til den.",
      steps: [
        "Gå til Beheer og deretter Updaten dossiers i Wings.",
        "Oppgrader Client CASE (CASE).",
        "Kom tilbake hit og start oppgaven på nytt.",
      ],
    },
    da: {
      title: "Opgrader databasen for Client CASE",
      cause: "Klientmappen bruger en ældre Wings-databasestruktur, så vi kan ikke skrive til den.",
      steps: [
        "Gå til Beheer og derefter Updaten dossiers i Wings.",
        "Opgrader Client CASE (CASE).",
        "Kom tilbage hertil, og start opgaven igen.",
      ],
    },
    fr: {
      title: "Mettez à jour la base de données de Client CASE",
      cause: "Ce dossier utilise encore une ancienne structure de base Wings : nous ne pouvons pas y écrire.",
      steps: [
        "Dans Wings, allez dans Beheer, puis Updaten dossiers.",
        "Mettez à jour Client CASE (CASE).",
        "Revenez ici et relancez la tâche.",
      ],
    },
  },
  "expert_m.payment_linked": {
    en: {
      title: "Remove the payment on 2026-0412",
      cause: "A payment is already linked to this document, so the booking cannot be deleted.",
      steps: [
        "In Expert-M, open document 2026-0412.",
        "Remove the linked payment.",
        "Come back here and restart the delete task.",
      ],
    },
    nl: {
      title: "Verwijder de betaling op 2026-0412",
      cause: "Er hangt al een betaling aan dit document. De boeking kan daarom niet verwijderd worden.",
      steps: [
        "Open in Expert-M document 2026-0412.",
        "Verwijder de gekoppelde betaling.",
        "Kom terug en start de verwijdertaak opnieuw.",
      ],
    },
    nb: {
      title: "Fjern betalingen på 2026-0412",
      cause: "En betaling er allerede koblet til bilaget, så posteringen kan ikke slettes.",
      steps: [
        "Åpne bilag 2026-0412 i Expert-M.",
        "Fjern den koblede betalingen.",
        "Kom tilbake hit og start slettingen på nytt.",
      ],
    },
    da: {
      title: "Fjern betalingen på 2026-0412",
      cause: "En betaling er allerede knyttet til bilaget, så posteringen kan ikke slettes.",
      steps: [
        "Åbn bilag 2026-0412 i Expert-M.",
        "Fjern den tilknyttede betaling.",
        "Kom tilbage hertil, og start sletningen igen.",
      ],
    },
    fr: {
      title: "Supprimez le paiement lié à 2026-0412",
      cause: "Un paiement est déjà lié à ce document : l’écriture ne peut pas être supprimée.",
      steps: [
        "Dans Expert-M, ouvrez le document 2026-0412.",
        "Supprimez le paiement lié.",
        "Revenez ici et relancez la suppression.",
      ],
    },
  },
  "expert_m.database_missing": {
    en: {
      title: "Make the database of Client CASE available again",
      cause: "The Expert-M server has no database for this dossier. A backup copy was found.",
      steps: [
        "Restore or reconnect database CASE on the Expert-M server.",
        "Come back here and restart the task.",
      ],
    },
    nl: {
      title: "Maak de database van Client CASE weer beschikbaar",
      cause: "Op de Expert-M-server staat geen database voor dit dossier. Er is wel een back-up gevonden.",
      steps: [
        "Zet database CASE terug op de Expert-M-server, of koppel ze opnieuw.",
        "Kom terug naar dit scherm en start de taak opnieuw.",
      ],
    },
    nb: {
      title: "Gjør databasen til Client CASE tilgjengelig igjen",
      cause: "Expert-M-serveren har ingen database for klientmappen. Det finnes en sikkerhetskopi.",
      steps: [
        "Gjenopprett eller koble til databasen CASE på Expert-M-serveren.",
        "Kom tilbake hit og start oppgaven på nytt.",
      ],
    },
    da: {
      title: "Gør databasen for Client CASE tilgængelig igen",
      cause: "Expert-M-serveren har ingen database til klientmappen. Der findes en sikkerhedskopi.",
      steps: [
        "Gendan eller tilslut databasen CASE på Expert-M-serveren.",
        "Kom tilbage hertil, og start opgaven igen.",
      ],
    },
    fr: {
      title: "Rendez la base de Client CASE à nouveau disponible",
      cause: "Le serveur Expert-M n’a pas de base pour ce dossier. Une copie de sauvegarde existe.",
      steps: [
        "Restaurez ou reconnectez la base CASE sur le serveur Expert-M.",
        "Revenez ici et relancez la tâche.",
      ],
    },
  },
  "adsolut.period_not_open": {
    en: {
      title: "Open booking period 2018-02",
      cause: "Adsolut has no open booking period for February 2018, so this document could not be booked.",
      steps: [
        "In Adsolut, open dossier Client CASE (CASE).",
        "Create period 2018-02, or reopen it if it is closed.",
        "Come back here and restart the task.",
      ],
    },
    nl: {
      title: "Open boekperiode 2018-02",
      cause: "Adsolut heeft geen open boekperiode voor februari 2018. Dit document kon daarom niet geboekt worden.",
      steps: [
        "Open in Adsolut dossier Client CASE (CASE).",
        "Maak periode 2018-02 aan, of heropen ze als ze afgesloten is.",
        "Kom terug naar dit scherm en start de taak opnieuw.",
      ],
    },
    nb: {
      title: "Åpne regnskapsperiode 2018-02",
      cause: "Adsolut har ingen åpen regnskapsperiode for februar 2018, så bilaget kunne ikke posteres.",
      steps: [
        "Åpne klientmappen Client CASE (CASE) i Adsolut.",
        "Opprett periode 2018-02, eller gjenåpne den hvis den er lukket.",
        "Kom tilbake hit og start oppgaven på nytt.",
      ],
    },
    da: {
      title: "Åbn regnskabsperiode 2018-02",
      cause: "Adsolut har ingen åben regnskabsperiode for februar 2018, så bilaget kunne ikke bogføres.",
      steps: [
        "Åbn klientmappen Client CASE (CASE) i Adsolut.",
        "Opret periode 2018-02, eller genåbn den, hvis den er lukket.",
        "Kom tilbage hertil, og start opgaven igen.",
      ],
    },
    fr: {
      title: "Ouvrez la période comptable 2018-02",
      cause: "Adsolut n’a pas de période ouverte pour février 2018 : ce document n’a pas pu être comptabilisé.",
      steps: [
        "Dans Adsolut, ouvrez le dossier Client CASE (CASE).",
        "Créez la période 2018-02 ou rouvrez-la si elle est clôturée.",
        "Revenez ici et relancez la tâche.",
      ],
    },
  },
  "winbooks.vat_period_not_open": {
    en: {
      title: "Reopen VAT period 2017-09 and 2017-12",
      cause: "WinBooks has no open VAT period for booking period September 2017 and December 2017.",
      steps: [
        "In WinBooks, open dossier Client CASE.",
        "Reopen VAT period 2017-09 and 2017-12.",
        "Come back here and restart the task.",
      ],
      escalate: "Is the year closed for good, and does the document belong in the next year? Pass it to support.",
    },
    nl: {
      title: "Heropen btw-periode 2017-09 en 2017-12",
      cause: "WinBooks heeft geen open btw-periode voor boekperiode september 2017 en december 2017.",
      steps: [
        "Open in WinBooks dossier Client CASE.",
        "Heropen btw-periode 2017-09 en 2017-12.",
        "Kom terug naar dit scherm en start de taak opnieuw.",
      ],
      escalate: "Is het boekjaar definitief afgesloten en hoort het document in het volgende jaar? Geef het door aan support.",
    },
    nb: {
      title: "Gjenåpne mva-periode 2017-09 og 2017-12",
      cause: "WinBooks har ingen åpen mva-periode for regnskapsperiode september 2017 og desember 2017.",
      steps: [
        "Åpne klientmappen Client CASE i WinBooks.",
        "Gjenåpne mva-periode 2017-09 og 2017-12.",
        "Kom tilbake hit og start oppgaven på nytt.",
      ],
      escalate: "Er året avsluttet for godt, og hører bilaget til neste år? Send det til support.",
    },
    da: {
      title: "Genåbn momsperiode 2017-09 og 2017-12",
      cause: "WinBooks har ingen åben momsperiode for regnskabsperiode september 2017 og december 2017.",
      steps: [
        "Åbn klientmappen Client CASE i WinBooks.",
        "Genåbn momsperiode 2017-09 og 2017-12.",
        "Kom tilbage hertil, og start opgaven igen.",
      ],
      escalate: "Er året lukket endeligt, og hører bilaget til næste år? Send det til support.",
    },
    fr: {
      title: "Rouvrez la période TVA 2017-09 et 2017-12",
      cause: "WinBooks n’a pas de période TVA ouverte pour la période septembre 2017 et décembre 2017.",
      steps: [
        "Dans WinBooks, ouvrez le dossier Client CASE.",
        "Rouvrez la période TVA 2017-09 et 2017-12.",
        "Revenez ici et relancez la tâche.",
      ],
      escalate: "L’exercice est définitivement clôturé et le document relève de l’exercice suivant ? Transmettez au support.",
    },
  },
};
