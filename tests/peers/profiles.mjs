// What html-validate asks of our pages: all that it recommends but for how the source is written.
export const page = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    "doctype-style": "off", // <!doctype html> is as good as <!DOCTYPE html>
    "no-trailing-whitespace": "off", // what an empty fact leaves behind
    "long-title": "off", // a page's title ends with the newsletter's name, whatever its length
  },
};

// What it asks of a mail: all that it recommends for a page, but for what mail
// programs need. Every exception says why.
const sized = { deprecated: false };

export const mail = {
  root: true,
  extends: ["html-validate:recommended"],
  elements: [
    "html5",
    {
      // Outlook (Word) lays tables out by attributes and ignores the style beside them.
      table: {
        attributes: { align: sized, bgcolor: sized, border: sized, cellpadding: sized, cellspacing: sized, width: sized },
      },
      hr: { attributes: { size: sized } },
      td: { attributes: { align: sized, bgcolor: sized, height: sized, valign: sized, width: sized } },
    },
  ],
  rules: {
    // Word reads its own tables out of <!--[if mso]>; nothing else gives it a fixed width.
    "no-conditional-comment": "off",
    // GMX and WEB.DE drop <style>.
    "no-inline-style": "off",
    // A table's body goes without saying, and its name is a hundred times ten bytes.
    "prefer-tbody": "off",
    // Older screen readers know role="presentation" and not its younger name.
    "presentation-role-style": "off",
    // MJML encloses the mail in <div role="article">: mail programs drop unknown elements.
    "prefer-native-element": ["error", { exclude: ["article"] }],
  },
};
