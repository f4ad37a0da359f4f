/* sample.h: a company to try tend on: 200 accounts in three currencies, Korean and English, 24 months of history, and rows
 * that every shipped playbook has something to do with.
 *
 * Made by a generator that gives the same bytes for the same anchor day, so that demonstrations and tests agree. What it makes
 * is invented; names of people and companies are put together from word lists. */
#ifndef TEND_ENGINE_SAMPLE_H
#define TEND_ENGINE_SAMPLE_H

#include <tend/status.h>
#include <tend/value.h>

/* Writes users.csv, products.csv, accounts.csv … into `folder` (which exists). History ends the day before `anchor`; contracts go
 * on after it. `accounts` is at least 20. */
tend_status tend_sample_write(const char *folder, tend_date anchor, int accounts, tend_error *reterr);

#endif
