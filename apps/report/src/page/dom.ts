// Building elements without a framework.

type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes (false and undefined are left out, true is empty) and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const result = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) result.setAttribute(name, value === true ? "" : String(value));
  result.append(...children.filter((child) => child !== undefined));
  return result;
}

/** Details whose content is made when first opened: tables that few people ask for cost nothing until then. */
export function lazyDetails(summary: string, content: () => Node): HTMLDetailsElement {
  const details = element("details", {}, element("summary", {}, summary));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(content());
  });
  return details;
}

/** A group of radio buttons under a legend. */
export function radioGroup<T extends string>(
  name: string,
  legend: string,
  choices: readonly (readonly [value: T, label: string])[],
  onChange: (value: T) => void,
): { readonly root: HTMLElement; set(value: T): void } {
  const inputs = choices.map(([value]) => element("input", { type: "radio", name, value }));
  for (const [i, input] of inputs.entries())
    input.addEventListener("change", () => {
      const value = choices[i]?.[0];
      if (value !== undefined) onChange(value);
    });
  const labels = choices.map(([, label], i) => element("label", {}, inputs[i], ` ${label}`));
  return {
    root: element("fieldset", { class: "choices" }, element("legend", {}, legend), ...labels),
    set(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
