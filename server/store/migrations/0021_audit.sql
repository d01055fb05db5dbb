-- What was done to a dossier is kept by its code. One verb kept its number, which may be another's code.
UPDATE audit SET subject = 'dossier ' || d.code FROM dossier d
  WHERE audit.what = 'posting' AND audit.office = d.office AND audit.subject = 'dossier ' || d.id;
