() => {
  // Texts whose contrast to the ground that they stand on is below 4.5 (WCAG 1.4.3), as the browser draws them.
  const numbers = text => text.match(/[\d.]+/g).map(Number);
  const colour = text => {
    const found = numbers(text);
    const scale = text.startsWith("color(srgb") ? 255 : 1;
    return { rgb: found.slice(0, 3).map(value => value * scale), alpha: found.length > 3 ? found[3] : 1 };
  };
  const linear = value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = rgb => {
    const [red, green, blue] = rgb.map(value => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const own = colour(getComputedStyle(at).backgroundColor);
      if (own.alpha > 0.99) return own.rgb;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!hasText || !element.checkVisibility() || element.closest(".hide, .skip, option, svg")) continue;
    const text = light(colour(getComputedStyle(element).color).rgb);
    const behind = light(ground(element));
    const ratio = (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
    if (ratio < 4.5) {
      found.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 30)}`);
    }
  }
  return [...found];
}
