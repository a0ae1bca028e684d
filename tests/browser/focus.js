() => {
  // What is wrong with the focus: a thing that can be focused and takes no focus, or does not show it; an order by hand;
  // boxes whose order on the screen is not that of the page; things that look like controls and are none.
  const name = element => element.outerHTML.slice(0, 90);
  const seen = element => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable]";
  const stops = [...document.querySelectorAll(controls)].filter(e => e.tabIndex >= 0 && !e.disabled && seen(e));
  const wrong = stops.filter(e => e.tabIndex > 0).map(e => "order by hand: " + name(e));
  for (const stop of stops) {
    stop.focus({ preventScroll: true });
    if (document.activeElement !== stop) { wrong.push("takes no focus: " + name(stop)); continue; }
    const look = getComputedStyle(stop);
    const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
    if (!ring && !stop.shadowRoot) wrong.push("does not show the focus: " + name(stop));
  }
  document.activeElement?.blur();
  for (const element of document.querySelectorAll("body *")) {
    const look = getComputedStyle(element);
    const turned = /reverse/.test(look.flexDirection) && element.querySelectorAll(controls).length > 1;
    if (turned || look.order !== "0") wrong.push("another order on the screen: " + name(element));
    const poses = /^(button|link|checkbox|tab|menuitem|switch)$/.test(element.getAttribute("role") ?? "");
    if (poses && element.tabIndex < 0) wrong.push("a control without the keyboard: " + name(element));
  }
  for (const link of document.querySelectorAll("a:not([href])")) wrong.push("a link to nowhere: " + name(link));
  return wrong;
}
