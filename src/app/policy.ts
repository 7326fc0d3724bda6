/**
 * From here on nothing else runs or loads: the page has all it needs. The policy is not in the text of the page, as some
 * hosts put that into the body of a document of theirs, where browsers ignore a policy and complain on the console.
 */
export function allowNothingMore(): void {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'";
  document.head.append(policy);
}
